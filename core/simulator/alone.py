"""The lock that makes a home's world one: a daemon holds it from before it opens the world until it has ended."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from core.simulator.messages import simulator_directory


def open_lock(home: Path) -> int:
    """A handle of the lock's file; closing it gives the lock back, as does the end of its process."""
    return os.open(simulator_directory(home) / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)


def locked(handle: int) -> bool:
    """Take the lock; False where another process has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(home: Path) -> bool:
    """Whether a daemon of this home lives."""
    handle = open_lock(home)
    try:
        return not locked(handle)
    finally:
        os.close(handle)
