"""One look for many who want to know the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Seen = TypeVar("Seen")


class Shared(Generic[Seen]):
    """Looks that were begun after they were asked for: whoever asks while one is under way shares the next one."""

    def __init__(self, work: Callable[[], Awaitable[Seen]]) -> None:
        self._work = work
        self._current: asyncio.Future[Seen] | None = None
        self._next: asyncio.Future[Seen] | None = None

    async def look(self) -> Seen:
        """What is there, seen no earlier than now."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._after(self._current))
        # One who no longer wants to know must not end the look of the others.
        return await asyncio.shield(self._next)

    async def _after(self, before: asyncio.Future[Seen] | None) -> Seen:
        if before is not None:
            await asyncio.wait([before])
        self._current, self._next = self._next, None
        return await self._work()
