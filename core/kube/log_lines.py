"""Log lines with their times, and where reading of a container's log stands."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

_BILLION = 10**9
# Standard output and standard error are stamped by two writers: lines may be out of order by some time.
_WINDOW_SECONDS = 1
_LONGEST_LINE = 1 << 20
_STAMP = re.compile(r"^(.{10}T.{8})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$")
_SCALE: tuple[int, ...] = tuple(10 ** (9 - digits) for digits in range(10))


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a container's log; `time` is in nanoseconds since the epoch."""

    pod: str
    container: str
    time: int
    text: str
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class LogRestarted:
    """The container's lines before and after this come from different runs of it; `restarts` counts them."""

    pod: str
    container: str
    restarts: int
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class LogLost:
    """Reading was cut off and will be tried again; nothing is told twice or left out when it is back."""

    pod: str
    container: str
    reason: str
    namespace: str = ""


LogItem = LogLine | LogRestarted | LogLost


def parse_stamp(text: str) -> int:
    """Nanoseconds since the epoch of an RFC 3339 time ("2026-01-02T03:04:05.123456789+02:00").

    Raises:
        ValueError: it is none.
    """
    if text[19:20] == "." and text[-1:] == "Z":
        # What every container runtime writes, and what most of the lines are.
        fraction = text[20:-1]
        if len(fraction) <= 9 and fraction.isdecimal():
            return _seconds(text[:19], "Z") * _BILLION + int(fraction) * _SCALE[len(fraction)]
    found = _STAMP.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no time")
    fraction = (found[2] or "")[:9]
    return _seconds(found[1], found[3]) * _BILLION + int(fraction or "0") * _SCALE[len(fraction)]


@lru_cache(maxsize=64)
def _seconds(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(f"{text}{zone.replace('Z', '+00:00')}").timestamp())


class Cursor:
    """How far a container's log was read: resumes by time without losing or doubling a line.

    The API can only go on from a whole second. So the lines of the last seconds are remembered (by their hash), and
    when they come again after `resume`, each is let through as often as it is more than before. With `tail` the first
    read begins somewhere inside the log: what is older than its first line stays untold.
    """

    def __init__(self, since: int | None = None, *, tail: bool = False) -> None:
        self._since = since
        self._tail = tail
        self._first: int | None = None
        self._newest: int | None = None
        self._recent: dict[int, Counter[int]] = {}
        self._again: Counter[int] = Counter()
        self._resumed = False

    @property
    def since(self) -> str | None:
        """The `sinceTime` to ask for, None for the whole log."""
        second = self._floor()
        return None if second is None else datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def begun(self) -> bool:
        """Whether a line was taken."""
        return self._newest is not None

    def resume(self) -> None:
        """From here on, lines come again from `since` on."""
        self._resumed = True
        self._again = Counter()
        for counts in self._recent.values():
            self._again.update(counts)

    def take(self, raw: str) -> tuple[int, str] | None:
        """Time and text of a line as the API sends it, None where it was taken before."""
        stamp, _, text = raw.partition(" ")
        try:
            time = parse_stamp(stamp)
        except ValueError:
            # A message of the kubelet's own, that has no time ("failed to watch file …").
            return (self._newest or 0) * _BILLION, raw
        if self._told_before(time, hash(raw)):
            return None
        self._remember(time // _BILLION, hash(raw))
        return time, text

    def _told_before(self, time: int, key: int) -> bool:
        if self._first is None:
            self._first = time
        if self._again[key]:
            self._again[key] -= 1
            return True
        return self._tail and self._resumed and time < self._first

    def _remember(self, second: int, key: int) -> None:
        if self._newest is None or second > self._newest:
            self._newest = second
            for old in [known for known in self._recent if known < second - _WINDOW_SECONDS]:
                del self._recent[old]
        if second >= self._newest - _WINDOW_SECONDS:
            self._recent.setdefault(second, Counter())[key] += 1

    def _floor(self) -> int | None:
        if self._newest is not None:
            return self._newest - _WINDOW_SECONDS
        return None if self._since is None else self._since // _BILLION


class Splitter:
    """Cuts a stream of bytes into lines; what has no end yet waits, up to one mebibyte."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that are complete now."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        return [line.decode(errors="replace") for line in lines]

    def end(self) -> list[str]:
        """The line that the stream ended in, where it did not end with a line's end."""
        rest, self._rest = self._rest, b""
        return [rest.decode(errors="replace")] if rest else []
