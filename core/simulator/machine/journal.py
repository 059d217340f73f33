"""A machine's journal: lines by unit, with time; the oldest go when it is full."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec

CAPACITY = 4000
"""Lines that a machine keeps."""


class Line(msgspec.Struct, array_like=True, frozen=True):
    """One line. `time` is in seconds since 1970; `source` is the program's name, `pid` its number."""

    number: int
    time: float
    unit: str
    source: str
    pid: int
    text: str


class Journal:
    """Appends, gives and follows lines. `keep` is told each line that comes (with it) and goes (without)."""

    def __init__(self, clock: Callable[[], float], keep: Callable[[str, bytes | None], None]) -> None:
        self._clock = clock
        self._keep = keep
        self._lines: deque[Line] = deque()
        self._arrived = asyncio.Event()
        self._next = 1

    def append(self, unit: str, text: str, time: float | None = None, *, source: str = "", pid: int = 0) -> None:
        """Write a text, each of its lines by itself, at this time or now."""
        stem = source or unit.removesuffix(".service")
        when = self._clock() if time is None else time
        for each in text.splitlines() or [""]:
            self._add(Line(self._next, when, unit, stem, pid, each))
        self._arrived.set()
        self._arrived = asyncio.Event()

    def lines(self, unit: str = "", *, after: int = 0) -> Iterator[Line]:
        """The lines of a unit (of all units without one) whose number is greater than `after`."""
        return (line for line in tuple(self._lines) if line.number > after and unit in ("", line.unit))

    async def follow(self, unit: str = "", *, after: int | None = None) -> AsyncIterator[Line]:
        """Lines as they come, beginning after the line of that number or after the last one; without end."""
        last = self._next - 1 if after is None else after
        while True:
            arrived = self._arrived
            for line in self.lines(unit, after=last):
                yield line
            last = max(last, self._next - 1)
            await arrived.wait()

    def load(self, items: Iterator[tuple[str, bytes]]) -> None:
        """Take what was kept."""
        decoder = msgspec.msgpack.Decoder(Line)
        self._lines.extend(decoder.decode(value) for _, value in items)
        self._next = self._lines[-1].number + 1 if self._lines else 1

    def _add(self, line: Line) -> None:
        self._next += 1
        self._lines.append(line)
        self._keep(f"{line.number:012}", msgspec.msgpack.encode(line))
        if len(self._lines) > CAPACITY:
            self._keep(f"{self._lines.popleft().number:012}", None)
