"""Which lines of a log are shown, and on which rows of the screen when long ones are wrapped."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from tui.view_models.log_buffer import LogBuffer

Room = Callable[[str], int]
"""How many rows a text takes."""


class LogRows:
    """Rows ↔ lines of a buffer: all of them, or those that a filter lets through; one row each, or as many as it needs.

    Lines are named by their numbers in the buffer.
    """

    def __init__(self, buffer: LogBuffer) -> None:
        self._buffer = buffer
        self._wanted: Callable[[Sequence[str], int], list[int]] | None = None
        self._room: Room | None = None
        self._numbers: list[int] | None = None
        self._tops: list[int] = []
        self._gone = 0

    @property
    def count(self) -> int:
        """How many rows there are."""
        if self._room is not None:
            return (self._tops[-1] if self._tops else self._gone) - self._gone
        return self.line_count

    @property
    def line_count(self) -> int:
        """How many lines are shown."""
        return len(self._buffer) if self._numbers is None else len(self._numbers)

    def number(self, line: int) -> int:
        """The buffer's number of the shown line that is counted from 0."""
        return self._buffer.first + line if self._numbers is None else self._numbers[line]

    def line_of(self, number: int) -> int:
        """Which shown line has this number, or the first one after it."""
        if self._numbers is None:
            return max(0, min(number - self._buffer.first, len(self._buffer)))
        return bisect_left(self._numbers, number)

    def at(self, row: int) -> tuple[int, int]:
        """The number of the line on a row, and which of its own rows that is."""
        if self._room is None:
            return self.number(row), 0
        line = bisect_right(self._tops, row + self._gone)
        return self.number(line), row + self._gone - (self._tops[line - 1] if line else self._gone)

    def row_of(self, number: int) -> int:
        """The first row of this line, or of the first one after it."""
        line = self.line_of(number)
        if self._room is None:
            return line
        return (self._tops[line - 1] if line else self._gone) - self._gone

    # What changes them

    def narrow(self, wanted: Callable[[Sequence[str], int], list[int]] | None) -> None:
        """Show only what `wanted` finds in texts of which the first has the given number."""
        self._wanted = wanted
        self._numbers = None if wanted is None else wanted(self._buffer.texts, self._buffer.first)
        self._measure()

    def wrap(self, room: Room | None) -> None:
        """Give each line as many rows as `room` says, or one."""
        self._room = room
        self._measure()

    def appended(self, added: int, dropped: int) -> tuple[int, int]:
        """The buffer got lines at its end and lost some at its top; returns the rows that came and that went."""
        gone = self._drop(dropped)
        return self._append(added), gone

    def _drop(self, lines: int) -> int:
        if self._numbers is not None:
            lines = bisect_left(self._numbers, self._buffer.first)
            del self._numbers[:lines]
        lines = lines if self._room is None else min(lines, len(self._tops))
        if self._room is None or not lines:
            return lines
        top = self._tops[lines - 1]
        rows, self._gone = top - self._gone, top
        del self._tops[:lines]
        return rows

    def _append(self, added: int) -> int:
        texts: Sequence[str] = self._buffer.texts[len(self._buffer) - added :] if added else []
        if self._numbers is not None and self._wanted is not None:
            first = self._buffer.end - len(texts)
            numbers = self._wanted(texts, first)
            self._numbers += numbers
            texts = [texts[number - first] for number in numbers]
        if self._room is None:
            return len(texts)
        start = self._tops[-1] if self._tops else self._gone
        self._tops += [start + rows for rows in accumulate(map(self._room, texts))]
        return (self._tops[-1] if self._tops else start) - start

    def _measure(self) -> None:
        self._gone = 0
        self._tops = []
        if self._room is not None:
            self._tops = list(accumulate(map(self._room, self._shown_texts())))

    def _shown_texts(self) -> Sequence[str]:
        if self._numbers is None:
            return self._buffer.texts
        texts, first = self._buffer.texts, self._buffer.first
        return [texts[number - first] for number in self._numbers]
