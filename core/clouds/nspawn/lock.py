"""A lock between processes that ends with its holder, whatever way that ends."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def locked(path: Path, waiting: Callable[[], None] | None = None) -> AsyncIterator[int]:
    """Hold the lock file `path`; gives its descriptor, which programs may inherit to hold the lock as long as they run.

    `waiting` is called once when somebody else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    told = waiting is None
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if _taken(descriptor, path):
            break
        os.close(descriptor)
        if not told and waiting is not None:
            waiting()
            told = True
        await asyncio.sleep(0.1)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _taken(descriptor: int, path: Path) -> bool:
    """Whether the lock is ours and still the one at `path` (a holder may have removed the file)."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        return False
