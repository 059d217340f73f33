"""One request for all who ask the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class Together(Generic[Answer]):
    """Asks for all who came before the request was sent; who comes later gets the next one's answer.

    So nobody is told something that was true before they asked, as a cache would.
    """

    def __init__(self, ask: Callable[[], Awaitable[Answer]]) -> None:
        self._ask = ask
        self._running: asyncio.Task[Answer] | None = None
        self._next: asyncio.Task[Answer] | None = None

    async def answer(self) -> Answer:
        """The answer to a request that was sent after this call; raises what it raised."""
        if self._next is None:
            self._next = asyncio.create_task(self._when_free(self._running))
            self._next.add_done_callback(_noticed)
        # One who gives up must not take the others' answer away.
        return await asyncio.shield(self._next)

    async def _when_free(self, before: asyncio.Task[Answer] | None) -> Answer:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        return await self._ask()


def _noticed(task: asyncio.Task[Answer]) -> None:
    """A failure that nobody waits for any more is no news."""
    if not task.cancelled():
        task.exception()
