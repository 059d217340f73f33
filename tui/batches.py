"""A stream of items → a stream of batches, one for each repaint."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")

INTERVAL = 0.05
"""Seconds between two batches: twenty repaints a second at the most."""

MOST = 1000
"""The most items of one batch, so that none holds the event loop for long."""


class _Pump(Generic[Item]):
    """Reads the source ahead, so far and no further: a source that is faster than the screen has to wait."""

    def __init__(self, source: AsyncIterator[Sequence[Item]]) -> None:
        self._source = source
        self._waiting: list[Item] = []
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()
        self.ended = False
        self.error: Exception | None = None

    async def run(self) -> None:
        try:
            async for items in self._source:
                self._waiting.extend(items)
                self._arrived.set()
                while len(self._waiting) > 2 * MOST:
                    self._taken.clear()
                    await self._taken.wait()
        except Exception as caught:
            self.error = caught
        self.ended = True
        self._arrived.set()

    async def take(self) -> list[Item]:
        """What came since the last time, once there is something; nothing at the end."""
        await self._arrived.wait()
        batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        if not self._waiting and not self.ended:
            self._arrived.clear()
        self._taken.set()
        return batch


async def batches(source: AsyncIterator[Item], interval: float = INTERVAL) -> AsyncIterator[list[Item]]:
    """What came since the last batch, the first at once; ends, or fails, as the source does."""
    async for batch in merged(_alone(source), interval):
        yield batch


async def merged(source: AsyncIterator[Sequence[Item]], interval: float = INTERVAL) -> AsyncIterator[list[Item]]:
    """The same for a source that tells several items at once."""
    pump = _Pump(source)
    task = asyncio.create_task(pump.run())
    try:
        while True:
            batch = await pump.take()
            if batch:
                yield batch
            elif pump.ended:
                break
            await asyncio.sleep(0 if pump.ended else interval)
        if pump.error is not None:
            raise pump.error
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _alone(source: AsyncIterator[Item]) -> AsyncIterator[Sequence[Item]]:
    async for item in source:
        yield (item,)
