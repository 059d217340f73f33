"""How a log's lines look: times, names, severity, what is highlighted, JSON as words, rows of wrapped lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import Literal
from zlib import crc32

from rich.cells import cell_len, chop_cells

from tui.view_models.glyphs import Glyphs
from tui.view_models.log_buffer import Entry
from tui.view_models.log_json import as_words, level_of, parsed
from tui.view_models.log_query import spans_of
from tui.view_models.table_lines import short_age
from tui.view_models.text import Line, Span, Tone, shorten

Times = Literal["time", "date", "utc", "age", "none"]
TIMES: tuple[Times, ...] = ("time", "date", "utc", "age", "none")
Names = Literal["short", "full", "none"]
NAMES: tuple[Names, ...] = ("short", "full", "none")

_TIME_WIDTH: Mapping[Times, int] = {"time": 12, "date": 19, "utc": 24, "age": 4, "none": 0}
_LONGEST_NAME = 40
_LEAST_TEXT = 20

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Colours and movements that programs write for terminals (ECMA-48, 5.4 and 5.6)."""

_SEVERE = re.compile(r"\b(?:ERROR|FATAL|CRITICAL|PANIC|EMERG|CRIT|ERR)\b|^[EF]\d{4} ", re.IGNORECASE)
_DOUBTFUL = re.compile(r"\b(?:WARN|WARNING)\b|^W\d{4} ", re.IGNORECASE)
_CALM = re.compile(r"\b(?:DEBUG|TRACE)\b", re.IGNORECASE)
"""Words of severity, and the letter before the month that Kubernetes' own programs (klog) begin a line with."""

_NAME_TONES: tuple[Tone, ...] = ("accent", "title", "key", "good", "working", "stale")
TERM_TONES: tuple[Tone, ...] = ("term-a", "term-b", "term-c")


@dataclass(slots=True)
class Look:
    """What of a line is shown and how; `patterns` are highlighted, each in its tone."""

    times: Times = "time"
    names: Names = "short"
    json: bool = False
    wrap: bool = False
    left: int = 0
    patterns: Sequence[tuple[re.Pattern[str], Tone]] = ()
    shown_names: Mapping[str, str] = field(default_factory=dict)
    name_width: int = 0

    def name(self, sources: Sequence[str]) -> None:
        """Choose the names that sources are shown by."""
        self.shown_names = _names(sources, self.names)
        self.name_width = max((len(name) for name in self.shown_names.values()), default=0)

    @property
    def head_width(self) -> int:
        """Cells before a line's text: its mark, its time, its source, a space after each."""
        times = _TIME_WIDTH[self.times]
        return 2 + (times + 1 if times else 0) + (self.name_width + 1 if self.name_width else 0)

    def text_width(self, width: int) -> int:
        """Cells for a line's text on a screen of this width."""
        return max(width - self.head_width, _LEAST_TEXT)


def shown_text(text: str, look: Look, glyphs: Glyphs) -> str:
    """A line's text as it is shown: without escapes and control characters, JSON as words where asked for."""
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if look.json and text.startswith("{") and (document := parsed(text)) is not None:
        text = as_words(document)
    return glyphs.fold(text.expandtabs(4) if "\t" in text else text)


def rows_of(text: str, width: int) -> int:
    """How many rows a text takes."""
    if text.isascii():
        return max(-(-len(text) // width), 1)
    return max(len(chop_cells(text, width)), 1)


def log_row(entry: Entry, look: Look, glyphs: Glyphs, *, part: int, marked: bool, width: int, now: float) -> Line:
    """The row `part` of a line, counted from 0; only the first one shows where it came from and when."""
    if not entry.source:
        return _rule(entry, width, glyphs)
    text = shown_text(entry.text, look, glyphs)
    line = _highlighted(text, _tone(entry.text, text), look)
    head = _head(entry, marked, look, now, glyphs) if part == 0 else (Span(" " * look.head_width),)
    if look.wrap:
        return (*head, *_part(line, text, part, look.text_width(width)))
    if look.left:
        return (*head, Span(glyphs.cut, "dim"), *cut_out(line, look.left + len(glyphs.cut), len(text)))
    return (*head, *line)


def time_text(time: float, times: Times, now: float) -> str:
    """A line's time, padded; spaces where it is not known."""
    width = _TIME_WIDTH[times]
    if not time or not width:
        return " " * width
    if times == "age":
        return f"{short_age(now - time):>{width}}"
    if times == "utc":
        return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    moment = datetime.fromtimestamp(time)
    return moment.strftime("%Y-%m-%d %H:%M:%S") if times == "date" else moment.strftime("%H:%M:%S.%f")[:-3]


def name_tone(source: str) -> Tone:
    """Every source has a tone of its own, the same each time."""
    return _NAME_TONES[crc32(source.encode()) % len(_NAME_TONES)]


def cut_out(line: Line, start: int, end: int) -> Line:
    """The characters of a line from `start` to before `end`."""
    spans: list[Span] = []
    at = 0
    for span in line:
        piece = span.text[max(start - at, 0) : max(end - at, 0)]
        if piece:
            spans.append(Span(piece, span.tone))
        at += len(span.text)
    return tuple(spans)


def _head(entry: Entry, marked: bool, look: Look, now: float, glyphs: Glyphs) -> Line:
    spans = [Span(f"{glyphs.marked} " if marked else "  ", "accent")]
    if look.times != "none":
        spans.append(Span(time_text(entry.time, look.times, now) + " ", "dim"))
    if look.name_width:
        name = look.shown_names.get(entry.source, entry.source)
        spans.append(Span(f"{name:<{look.name_width}} ", name_tone(entry.source)))
    return tuple(spans)


def _rule(entry: Entry, width: int, glyphs: Glyphs) -> Line:
    text = glyphs.fold(f" {entry.text} ")
    return (
        Span(glyphs.rule * 3, "dim"),
        Span(text, "warn"),
        Span(glyphs.rule * max(width - cell_len(text) - 4, 0), "dim"),
    )


def _tone(raw: str, text: str) -> Tone:
    document = parsed(raw) if raw.startswith("{") else None
    words = level_of(document) if document is not None else text
    if _SEVERE.search(words):
        return "bad"
    if _DOUBTFUL.search(words):
        return "warn"
    return "dim" if _CALM.search(words) else "text"


def _highlighted(text: str, tone: Tone, look: Look) -> Line:
    line: Line = (Span(text, tone),)
    for pattern, mark in look.patterns:
        line = tuple(piece for span in line for piece in _marked(span, tone, pattern, mark))
    return line


def _marked(span: Span, plain: Tone, pattern: re.Pattern[str], tone: Tone) -> list[Span]:
    """A span with what the pattern finds in a tone of its own; what another pattern found before stays."""
    if span.tone != plain:
        return [span]
    pieces: list[Span] = []
    at = 0
    for start, end in spans_of(pattern, span.text):
        pieces += [Span(span.text[at:start], plain), Span(span.text[start:end], tone)]
        at = end
    return [*pieces, Span(span.text[at:], plain)]


def _part(line: Line, text: str, part: int, room: int) -> Line:
    if text.isascii():
        return cut_out(line, part * room, (part + 1) * room)
    ends = [0, *accumulate(len(piece) for piece in chop_cells(text, room))]
    return cut_out(line, ends[part], ends[min(part + 1, len(ends) - 1)])


def _names(sources: Sequence[str], names: Names) -> dict[str, str]:
    """What each source is called; a single one needs no short name."""
    wanted = [source for source in sources if source]
    if names == "full":
        return {source: shorten(source, _LONGEST_NAME, "…") for source in wanted}
    if names == "none" or len(wanted) < 2:
        return {}
    return {source: shorten(name, _LONGEST_NAME, "…") for source, name in _told_apart(wanted).items()}


def _told_apart(sources: Sequence[str]) -> dict[str, str]:
    """What is left of the names when the parts that all of them share at both ends are taken away."""
    parts = {source: re.split(r"(?<=[-/ ])", source) for source in sources}
    least = min(len(pieces) for pieces in parts.values())
    start = 0
    while start < least - 1 and len({pieces[start] for pieces in parts.values()}) == 1:
        start += 1
    end = 0
    while end < least - 1 - start and len({pieces[-1 - end] for pieces in parts.values()}) == 1:
        end += 1
    return {source: "".join(pieces[start : len(pieces) - end]).rstrip("-/ ") for source, pieces in parts.items()}
