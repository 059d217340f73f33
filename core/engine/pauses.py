"""Pauses between two looks at something that is waited for: short at first, then longer."""

from __future__ import annotations

import asyncio

FIRST = 0.05
MOST = 0.5
_FACTOR = 1.6


class Pauses:
    """Seconds grow from `FIRST` to `MOST`: what happens at once is seen at once, what takes long costs few looks."""

    def __init__(self) -> None:
        self._next = FIRST

    async def wait(self) -> None:
        """Pause once."""
        pause, self._next = self._next, min(MOST, self._next * _FACTOR)
        await asyncio.sleep(pause)
