"""Where the store lives and who may read it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.store import Store, home_directory
from core.store.errors import Trouble


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_home_and_the_database_are_their_owners_alone(store: Store) -> None:
    store.environments.create("lab")
    assert mode(store.home) == 0o700
    assert {mode(path) for path in store.home.iterdir()} == {0o600}


def test_an_empty_directory_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    Store(home).close()
    assert mode(home) == 0o700


def test_a_directory_with_foreign_files_keeps_its_mode(tmp_path: Path) -> None:
    home = tmp_path / "shared"
    home.mkdir()
    home.chmod(0o755)
    (home / "somebody's.txt").write_text("")
    Store(home).close()
    assert mode(home) == 0o755
    assert mode(home / "gondolier.db") == 0o600


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match="home directory cannot be used"):
        Store(tmp_path / "file")


def test_gondolier_home_comes_before_the_users_data_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("GONDOLIER_HOME", raising=False)
    assert home_directory() == tmp_path / "data" / "gondolier"
    monkeypatch.setenv("GONDOLIER_HOME", str(tmp_path / "mine"))
    assert home_directory() == tmp_path / "mine"


def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "gondolier.db").write_bytes(b"something else altogether" * 100)
    with pytest.raises(Trouble, match="the database cannot be used"):
        Store(tmp_path)
