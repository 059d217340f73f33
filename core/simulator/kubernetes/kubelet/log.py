"""The log of one run of a container: lines by their number, none of them kept."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from core.simulator.kubernetes.kubelet.writing import Dice, Writing

KEPT = 2_000
"""Lines that can be read back, as if older ones were rotated away."""

_STEP = 0.01
_HEAD = 0.1


@dataclass(frozen=True, slots=True)
class RunLog:
    """What a run writes from `started` to `ended` (seconds since the epoch, None while it runs).

    `last_words` is its last line, none where empty. Lines are numbered from 0.
    """

    seed: str
    writing: Writing
    started: float
    ended: float | None = None
    last_words: str = ""

    def count(self, moment: float) -> int:
        """How many lines are written by this moment."""
        end = moment if self.ended is None else min(moment, self.ended)
        lines = self._written(end)
        said = self.ended is not None and self.last_words and moment >= self.ended
        return lines + 1 if said else lines

    def oldest(self, moment: float) -> int:
        """The first line that can still be read."""
        return max(0, self.count(moment) - KEPT)

    def after(self, since: float, moment: float) -> int:
        """The first line that is written at or after `since`."""
        low, high = self.oldest(moment), self.count(moment)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.moment(middle) < since else (low, middle)
        return low

    def moment(self, number: int) -> float:
        """When a line is written."""
        head = self.writing.head
        if self.ended is not None and number >= self._written(self.ended):
            return self.ended
        if number < len(head):
            return self.started + _STEP * (number + 1)
        turn = number - len(head)
        return self.started + _HEAD + (turn + Dice(self.seed, turn).part()) * self.writing.period

    def text(self, number: int) -> str:
        """A line, without its time."""
        head, line = self.writing.head, self.writing.line
        if self.ended is not None and number >= self._written(self.ended):
            return self.last_words
        if number < len(head):
            return head[number]
        return line(Dice(self.seed, number - len(head)), self.moment(number)) if line else ""

    def lines(self, first: int, last: int) -> Iterator[bytes]:
        """Lines as the API sends them, each with its time."""
        for number in range(first, last):
            yield f"{nano_stamp(self.moment(number))} {self.text(number)}\n".encode()

    def next(self, moment: float) -> float:
        """When the next line after this moment is written; infinite where none will be."""
        if self.ended is not None or (not self.writing.period and self._written(moment) >= len(self.writing.head)):
            return math.inf
        return self.moment(self._written(moment))

    def _written(self, moment: float) -> int:
        """How many lines of the program itself are written by a moment."""
        head, period = len(self.writing.head), self.writing.period
        age = moment - self.started
        first = max(0, min(head, int(age / _STEP + 1e-9)))
        turns = age - _HEAD
        if not period or turns < 0:
            return first
        whole = int(turns / period)
        return head + whole + (turns >= (whole + Dice(self.seed, whole).part()) * period)


def nano_stamp(moment: float) -> str:
    """A moment with nanoseconds (RFC3339Nano)."""
    whole = math.floor(moment)
    fraction = int((moment - whole) * 1e9)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:09}Z"
