"""Log lines: a bounded buffer, and each line's tones."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from zlib import crc32

from tui.view_models.glyphs import Glyphs
from tui.view_models.text import Line, Span, Tone

LIMIT = 10_000
"""The most lines a log keeps; the oldest go first."""

_SEVERE = re.compile(r"\b(?:ERROR|FATAL|CRITICAL|PANIC|EMERG|CRIT|ERR)\b", re.IGNORECASE)
_DOUBTFUL = re.compile(r"\b(?:WARN|WARNING)\b", re.IGNORECASE)
_NAMES: tuple[Tone, ...] = ("accent", "title", "key", "good", "working")


class LogBuffer:
    """The newest lines of a log; `dropped` counts those that had to go."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._lines: deque[str] = deque(maxlen=limit)
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, number: int) -> str:
        return self._lines[number]

    def extend(self, lines: Iterable[str]) -> int:
        """Append lines; returns how many old ones were dropped for them."""
        added = list(lines)
        limit = self._lines.maxlen or 0
        gone = max(len(self._lines) + len(added) - limit, 0)
        self._lines.extend(added)
        self.dropped += gone
        return min(gone, limit)

    def clear(self) -> None:
        """Forget every line and the count of dropped ones."""
        self._lines.clear()
        self.dropped = 0


def log_line(text: str, glyphs: Glyphs) -> Line:
    """The replica's name in a tone of its own, the rest in the tone of its severity."""
    name, space, rest = glyphs.fold(text.expandtabs(4)).partition(" ")
    tone: Tone = "text"
    if _SEVERE.search(rest):
        tone = "bad"
    elif _DOUBTFUL.search(rest):
        tone = "warn"
    return (Span(name, _NAMES[crc32(name.encode()) % len(_NAMES)]), Span(space + rest, tone))


def belongs(text: str, instance: str) -> bool:
    """Whether a line is of this replica; every line is where no replica is named."""
    return not instance or text.split(" ", 1)[0].rstrip(":") == instance


def log_heading(pod: str, lines: LogBuffer, glyphs: Glyphs, *, paused: int | None, ended: bool, trouble: str) -> Line:
    """What is tailed and whether it follows; `paused` is the number of unseen lines while it does not."""
    count = f"   {len(lines):,} lines" + (f", {lines.dropped:,} older ones dropped" if lines.dropped else "")
    head: Line = (Span(f"Logs of {pod}", "strong"), Span(count + "   ", "dim"))
    if trouble:
        return (*head, glyphs.mark("failed"), Span(f" {glyphs.fold(trouble)}", "bad"))
    if paused is not None:
        unseen = f"{paused:,} new lines below" if paused else "no new lines"
        return (*head, Span(f"{glyphs.more} paused, {unseen}", "warn"), Span("   End follows again", "dim"))
    if ended:
        return (*head, glyphs.mark("unknown"), Span(" ended", "dim"))
    return (*head, glyphs.mark("ready"), Span(" following", "good"))
