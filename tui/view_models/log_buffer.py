"""The lines of a log in memory: bounded, numbered for good, and as small as their texts allow."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import NamedTuple

LIMIT = 100_000
"""The most lines a log keeps; the oldest go first."""

_SLACK = 0.02
"""By how much the lines may outgrow the limit before old ones are dropped, so that it is not done for each batch."""


class Entry(NamedTuple):
    """A line: where it came from, when it was written (seconds since the epoch, 0 if unknown), what it says.

    A line without a source is a rule of ours: what happened to the log at this place.
    """

    source: str
    time: float
    text: str


class LogBuffer:
    """The newest lines; a line keeps its number when older ones are dropped. `first` is the oldest one's number.

    Texts, times and sources are kept apart: a line costs its text and ten bytes.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.first = 0
        self.sources: list[str] = []
        self._limit = limit
        self._numbers: dict[str, int] = {}
        self._texts: list[str] = []
        self._times = array("d")
        self._origins = array("H")

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def end(self) -> int:
        """The number that the next line gets."""
        return self.first + len(self._texts)

    @property
    def dropped(self) -> int:
        """How many lines had to go."""
        return self.first

    @property
    def texts(self) -> list[str]:
        """What the lines say, from `first` on; not to be changed."""
        return self._texts

    def __getitem__(self, number: int) -> Entry:
        at = number - self.first
        if at < 0:
            raise IndexError(number)
        return Entry(self.sources[self._origins[at]], self._times[at], self._texts[at])

    def extend(self, entries: Iterable[Entry]) -> int:
        """Append lines; returns how many old ones were dropped for them."""
        for source, time, text in entries:
            self._origins.append(self._origin(source))
            self._times.append(time)
            self._texts.append(text)
        over = len(self._texts) - self._limit
        if over <= self._limit * _SLACK:
            return 0
        del self._texts[:over], self._times[:over], self._origins[:over]
        self.first += over
        return over

    def clear(self) -> None:
        """Forget every line, and begin to count anew."""
        self.__init__(self._limit)  # type: ignore[misc]

    def _origin(self, source: str) -> int:
        number = self._numbers.get(source)
        if number is None:
            number = self._numbers[source] = len(self.sources)
            self.sources.append(source)
        return number
