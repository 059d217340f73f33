"""Searching a log: which lines match, as lines come and go, and whether only those are shown."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence

from tui.view_models.log_buffer import LogBuffer
from tui.view_models.log_query import LogQuery


class LogSearch:
    """`matches` are the numbers of the lines that the query finds, in order; `terms` are only highlighted."""

    def __init__(self, buffer: LogBuffer) -> None:
        self._buffer = buffer
        self._matches: list[int] = []
        self.query: LogQuery | None = None
        self.only = False
        self.terms: tuple[LogQuery, ...] = ()

    @property
    def matches(self) -> list[int]:
        """What was found and is still in the buffer."""
        gone = bisect_left(self._matches, self._buffer.first)
        if gone:
            del self._matches[:gone]
        return self._matches

    @property
    def narrowing(self) -> Callable[[Sequence[str], int], list[int]] | None:
        """What finds the lines that are shown, None while all are."""
        return self.query.found if self.only and self.query is not None else None

    def look_for(self, query: LogQuery | None) -> None:
        """Search every line."""
        self.query = query
        self.renew()

    def renew(self) -> None:
        """Search again: the buffer is another one."""
        self._matches = [] if self.query is None else self.query.found(self._buffer.texts, self._buffer.first)

    def appended(self, count: int) -> None:
        """Lines were added at the end."""
        if self.query is None or not count:
            return
        texts = self._buffer.texts[max(len(self._buffer) - count, 0) :]
        self._matches += self.query.found(texts, self._buffer.end - len(texts))

    def nearest(self, here: int) -> int:
        """The last match at or before this line, or the first one after it; there must be one."""
        at = bisect_right(self.matches, here)
        return self.matches[at - 1 if at else 0]

    def step(self, here: int, step: int) -> int | None:
        """The next match after this line, or with -1 the one before it, round the ends; None where there is none."""
        matches = self.matches
        if not matches:
            return None
        at = bisect_right(matches, here) if step > 0 else bisect_left(matches, here) - 1
        return matches[at % len(matches)]

    def place(self, here: int | None) -> tuple[int, int]:
        """Which match a line is, counted from 1 (0 where it is none), and how many there are."""
        matches = self.matches
        at = bisect_left(matches, here) if here is not None else len(matches)
        found = here is not None and at < len(matches) and matches[at] == here
        return (at + 1 if found else 0, len(matches))
