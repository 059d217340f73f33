"""The heading of a log: what is read, whether it follows, what is searched for."""

from __future__ import annotations

from dataclasses import dataclass

from tui.view_models.glyphs import Glyphs
from tui.view_models.log_feed import LogFeed
from tui.view_models.log_look import Look
from tui.view_models.log_query import LogQuery
from tui.view_models.text import EMPTY, Line, Span, fit, spread


@dataclass(frozen=True, slots=True)
class Reading:
    """How the reading of a log goes; `unseen` counts new lines while it stands still, None while it follows.

    `place` is which match has the cursor and how many there are.
    """

    lines: int = 0
    shown: int = 0
    dropped: int = 0
    unseen: int | None = None
    ended: bool = False
    trouble: str = ""
    query: LogQuery | None = None
    place: tuple[int, int] = (0, 0)
    only: bool = False
    marks: int = 0


NOTHING: Line = (Span("logs: select a pod, a replica, a machine, a Docker host or one of its applications", "dim"),)


def log_heading(feed: LogFeed, reading: Reading, look: Look, width: int, glyphs: Glyphs) -> list[Line]:
    """What is read and how it goes, and below it what is searched for, where something is."""
    left = (Span(f"Logs of {feed.title}", "strong"), Span(f"   {feed.words}   ", "dim"), *_state(reading, glyphs))
    first = spread(left, (Span(_counts(reading), "dim"),), width, glyphs.cut)
    second = _search(reading, look)
    return [first, fit(second, width, glyphs.cut)] if second else [first]


def _state(reading: Reading, glyphs: Glyphs) -> Line:
    if reading.trouble:
        return (glyphs.mark("failed"), Span(f" {glyphs.fold(reading.trouble)}", "bad"))
    if reading.unseen is not None:
        unseen = f"{reading.unseen:,} new below" if reading.unseen else "nothing new"
        return (Span(f"{glyphs.more} paused, {unseen}", "warn"), Span("   End follows", "dim"))
    if reading.ended:
        return (glyphs.mark("unknown"), Span(" ended", "dim"))
    return (glyphs.mark("ready"), Span(" following", "good"))


def _counts(reading: Reading) -> str:
    lines = f"{reading.lines:,} lines"
    if reading.shown != reading.lines:
        lines = f"{reading.shown:,} of {lines}"
    return lines + (f", {reading.dropped:,} older dropped" if reading.dropped else "")


def _search(reading: Reading, look: Look) -> Line:
    spans: list[Span] = []
    if reading.query is not None:
        at, count = reading.place
        place = f"{at:,} of {count:,}" if at else f"{count:,} found"
        spans += [Span("find: ", "dim"), Span(reading.query.text, "match"), Span(f" {place}  ", "dim")]
        spans += [Span("only these   ", "accent")] if reading.only else []
    modes = [look.times if look.times not in ("time", "none") else "", "json" if look.json else ""]
    modes += ["wrapped" if look.wrap else "", f"{reading.marks} marked" if reading.marks else ""]
    words = "   ".join(mode for mode in modes if mode)
    return (*spans, Span(words, "dim")) if spans or words else EMPTY
