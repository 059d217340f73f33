"""Where everything that gondolier keeps is: one directory that is its owner's alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs

from core.store.errors import Trouble

DATABASE = "gondolier.db"
IDENTITY = "identity"

_LONGEST_ADDRESS = 107  # bytes that Linux takes for a socket's path, without the closing zero


def home_directory() -> Path:
    """`$GONDOLIER_HOME`, or the user's data directory (XDG) for gondolier; it need not exist yet."""
    chosen = os.environ.get("GONDOLIER_HOME")
    return Path(chosen).expanduser().absolute() if chosen else platformdirs.user_data_path("gondolier")


def prepare(home: Path) -> None:
    """Make the directory with mode 0700.

    A directory that is there already is closed to others when it is empty or holds our database; one with other
    people's files keeps its mode, for what we put in it has tight modes of its own.

    Raises:
        Trouble: it cannot be made or written.
    """
    try:
        _make(home)
    except OSError as error:
        raise Trouble(
            f"the home directory cannot be used: {error.strerror}",
            where=str(home),
            fix="make it writable, or set GONDOLIER_HOME to a directory of yours",
        ) from error


def _make(home: Path) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o700, exist_ok=True)
    ours = (home / DATABASE).exists() or not any(home.iterdir())
    if ours and home.stat().st_mode & 0o077:
        home.chmod(0o700)


def home_identity(home: Path) -> str:
    """Twelve hexadecimal digits that no other home directory has; made when they are first asked for.

    Raises:
        Trouble: they cannot be read or kept.
    """
    file = home / IDENTITY
    try:
        if not file.exists():
            fresh = file.with_name(f".{IDENTITY}.{secrets.token_hex(6)}")
            fresh.write_text(f"{secrets.token_hex(6)}\n")
            # Whoever links first has made it; the others take theirs.
            with suppress(FileExistsError):
                file.hardlink_to(fresh)
            fresh.unlink()
        return file.read_text().strip()
    except OSError as error:
        raise Trouble(f"the home's identity cannot be kept: {error.strerror}", where=str(file)) from error


def private_directory(path: Path) -> Path:
    """Make a directory below the home, and what is missing above it, all with mode 0700; returns the path."""
    if not path.is_dir():
        private_directory(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
    return path


@contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """A name for the path that fits in a socket address: through the directory's handle where it is too long."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{path.name}"
    finally:
        os.close(handle)
