"""etcd's keys with their values and versions."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, replace
from itertools import islice, takewhile


@dataclass(frozen=True, slots=True)
class Pair:
    """A key with its value: the store's revisions when it was created and last changed; `version` counts changes."""

    key: str
    value: str
    created: int
    modified: int
    version: int


@dataclass(frozen=True, slots=True)
class Range:
    """Keys from `start` on, up to but not including `end`; without an `end` the one key. "\\0" ends with all keys."""

    start: str
    end: str = ""

    @classmethod
    def of(cls, key: str, *, prefix: bool) -> Range:
        """One key, or all that begin with it."""
        return cls(key, after_prefix(key)) if prefix else cls(key)

    def __contains__(self, key: str) -> bool:
        if not self.end:
            return key == self.start
        return key >= self.start and (self.end == "\0" or key < self.end)

    def covers(self, other: Range) -> bool:
        """Whether every key of the other one is in this one."""
        if not other.end:
            return other.start in self
        if not self.end or other.start < self.start:
            return False
        return self.end == "\0" or (other.end != "\0" and other.end <= self.end)


def after_prefix(prefix: str) -> str:
    """The first key after all that begin with a prefix, in etcd's way of writing it."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1) if prefix else "\0"


class Keys:
    """What is kept; every change has a revision of its own, and none is ever given twice."""

    def __init__(self) -> None:
        self.revision = 1
        self._pairs: dict[str, Pair] = {}
        self._order: list[str] = []

    def get(self, wanted: Range) -> list[Pair]:
        """The pairs of a range, sorted by key."""
        first = bisect_left(self._order, wanted.start)
        return [self._pairs[key] for key in takewhile(wanted.__contains__, islice(self._order, first, None))]

    def put(self, key: str, value: str) -> None:
        """Set a key."""
        self.revision += 1
        if key not in self._pairs:
            insort(self._order, key)
        known = self._pairs.get(key) or Pair(key, value, self.revision, self.revision, 0)
        self._pairs[key] = replace(known, value=value, modified=self.revision, version=known.version + 1)

    def delete(self, wanted: Range) -> int:
        """Remove a range; gives how many keys that were."""
        found = self.get(wanted)
        self.revision += bool(found)
        for pair in found:
            del self._pairs[pair.key]
            self._order.remove(pair.key)
        return len(found)

    def restore(self, revision: int, pairs: list[Pair]) -> None:
        """Take over what was kept before."""
        self.revision, self._pairs = revision, {pair.key: pair for pair in pairs}
        self._order = sorted(self._pairs)
