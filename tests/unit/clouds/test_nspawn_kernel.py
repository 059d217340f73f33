"""Kernel settings of the host are raised where they are too low, and never lowered."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.clouds.nspawn.kernel import WANTED, raise_settings
from core.engine.errors import Trouble


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in WANTED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("0\n")
    return tmp_path


def test_what_is_too_low_is_raised(root: Path) -> None:
    raise_settings(root)
    assert {name: int((root / name).read_text()) for name in WANTED} == WANTED


def test_what_is_high_enough_stays(root: Path) -> None:
    (root / "fs/inotify/max_user_instances").write_text("1000000\n")
    raise_settings(root)
    assert (root / "fs/inotify/max_user_instances").read_text() == "1000000\n"


def test_what_cannot_be_written_is_told_with_its_command(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, text: str) -> int:
        raise PermissionError(1, "Operation not permitted", str(path))

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(Trouble, match=r"ip_forward cannot be raised.*sysctl -w net.ipv4.ip_forward=1"):
        raise_settings(root)
