"""Private key files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from core.store.errors import Refusal, Trouble
from core.store.keys import delete_keys, keys_directory, read_private, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_and_the_directories_above_it_are_their_owners_alone(tmp_path: Path) -> None:
    path = keys_directory(tmp_path, "lab") / "alpha" / "ca.key"
    write_private(path, b"key")
    assert read_private(path) == b"key"
    assert mode(path) == 0o600
    assert [mode(parent) for parent in (path.parent, path.parent.parent, tmp_path / "keys")] == [0o700] * 3


def test_the_file_has_its_mode_before_it_has_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    opened = os.open

    def watched(path: str, flags: int, permissions: int = 0o777) -> int:
        handle = opened(path, flags, permissions)
        if flags & os.O_CREAT:
            seen.append((stat.S_IMODE(os.fstat(handle).st_mode), os.fstat(handle).st_size))
        return handle

    monkeypatch.setattr(os, "open", watched)
    previous = os.umask(0)
    try:
        write_private(tmp_path / "key", b"key")
    finally:
        os.umask(previous)
    assert seen == [(0o600, 0)]


def test_a_write_that_fails_leaves_the_old_key_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ca.key"
    write_private(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Trouble, match="No space left") as caught:
        write_private(path, b"new-secret")
    assert "new-secret" not in str(caught.value)
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("ca.key", b"old")]


def test_a_missing_key_is_none(tmp_path: Path) -> None:
    assert read_private(tmp_path / "nothing") is None


def test_the_keys_of_one_environment_are_removed_alone(tmp_path: Path) -> None:
    write_private(keys_directory(tmp_path, "lab") / "a" / "key", b"x")
    write_private(keys_directory(tmp_path, "other") / "key", b"y")
    delete_keys(tmp_path, "lab")
    delete_keys(tmp_path, "lab")
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["other"]


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../x"])
def test_a_name_that_leads_out_of_the_home_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal):
        delete_keys(tmp_path, name)
