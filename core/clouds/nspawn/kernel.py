"""Settings of this host's kernel that its machines share: raised where they are too low, never lowered."""

from __future__ import annotations

from pathlib import Path

from core.engine.errors import Trouble

_ROOT = Path("/proc/sys")

WANTED = {
    "net/ipv4/ip_forward": 1,
    "fs/inotify/max_user_instances": 8192,
    "fs/inotify/max_user_watches": 524288,
}
"""The least that each must be.

Machines reach the world through this host. All of them are one user to inotify, and a kubelet with what it starts
takes some dozens of instances: the kernel's default of 128 does for few machines only.
"""


def raise_settings(root: Path = _ROOT) -> None:
    """Bring every setting up to what is wanted.

    Raises:
        Trouble: one cannot be written; the sentence says the command that would do it.
    """
    for name, least in WANTED.items():
        path = root / name
        if int(path.read_text()) < least:
            _write(path, name, least)


def _write(path: Path, name: str, value: int) -> None:
    try:
        path.write_text(str(value))
    except OSError as error:
        what = f"the kernel's setting {name.replace('/', '.')} cannot be raised to {value}: {error.strerror}"
        raise Trouble(what, where="this machine", fix=f"sysctl -w {name.replace('/', '.')}={value}") from error
