"""A stream of items → a stream of batches, one for each repaint."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

Item = TypeVar("Item")

INTERVAL = 0.05
"""Seconds between two batches: twenty repaints a second at the most."""

MOST = 1000
"""The most items of one batch, so that none holds the event loop for long."""


class _End:
    """What the pump puts last: the error that ended the source, or None."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error


class _Pump(Generic[Item]):
    """Reads the source into a bounded queue: a source that is faster than the screen has to wait."""

    def __init__(self, source: AsyncIterator[Item]) -> None:
        self.queue: asyncio.Queue[Item | _End] = asyncio.Queue(MOST * 2)
        self._source = source

    async def run(self) -> None:
        error: Exception | None = None
        try:
            async for item in self._source:
                await self.queue.put(item)
        except Exception as caught:
            error = caught
        await self.queue.put(_End(error))


async def batches(source: AsyncIterator[Item], interval: float = INTERVAL) -> AsyncIterator[list[Item]]:
    """What came since the last batch, the first at once; ends, or fails, as the source does."""
    pump = _Pump(source)
    task = asyncio.create_task(pump.run())
    try:
        end: _End | None = None
        while end is None:
            batch, end = await _take(pump.queue)
            if batch:
                yield batch
            if end is None:
                await asyncio.sleep(interval)
        if end.error is not None:
            raise end.error
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _take(queue: asyncio.Queue[Item | _End]) -> tuple[list[Item], _End | None]:
    batch: list[Item] = []
    item = await queue.get()
    while not isinstance(item, _End):
        batch.append(item)
        if len(batch) == MOST or queue.empty():
            return batch, None
        item = queue.get_nowait()
    return batch, item
