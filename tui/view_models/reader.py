"""A text's lines in tones: YAML by its keys, a diff by its signs, anything by what is searched for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from rich.cells import chop_cells

from tui.view_models.glyphs import Glyphs
from tui.view_models.log_query import LogQuery, spans_of
from tui.view_models.text import EMPTY, Line, Span, Tone, width_of

Toned = Literal["plain", "yaml", "diff", "describe"]

KEYS = (
    ("/", "Search"),
    ("n", "Next"),
    ("w", "Wrap"),
    ("r", "Read again"),
    ("c", "Copy"),
    ("S", "Save"),
    ("esc", "Back"),
)
"""The keys of a text."""

_YAML = re.compile(r"(\s*(?:- )*)([\w./@\"'-]+:)(\s.*|$)")
_TITLE = re.compile(r"([A-Z][\w /().-]*:)(\s.*|$)")
_SIGNS: Mapping[str, Tone] = {"+": "good", "-": "bad", "~": "warn", "@": "working"}


def reader_lines(text: str, toned: Toned, pattern: re.Pattern[str] | None, width: int, glyphs: Glyphs) -> list[Line]:
    """The text's lines, wrapped to a width, or not for 0."""
    tone_of = _TONED[toned]
    lines: list[Line] = []
    for raw in text.splitlines():
        line = _found(tone_of(glyphs.fold(raw.expandtabs(4))), pattern)
        lines += _wrapped(line, width) if width else [line]
    return lines


def reader_heading(title: str, query: LogQuery | None, found: int) -> Line:
    """What is read, and what is searched for in it."""
    head: Line = (Span(f" {title}", "title"),)
    if query is None:
        return head
    return (*head, Span("   find: ", "dim"), Span(query.text, "match"), Span(f"   {found} lines", "dim"))


def _plain(text: str) -> Line:
    return (Span(text),)


def _yaml(text: str) -> Line:
    if text.lstrip().startswith("#"):
        return (Span(text, "dim"),)
    found = _YAML.fullmatch(text)
    if found is None:
        return (Span(text),)
    return (Span(found[1], "dim"), Span(found[2], "title"), Span(found[3]))


def _described(text: str) -> Line:
    found = _TITLE.fullmatch(text.lstrip())
    if found is None:
        return (Span(text),)
    indent = " " * (len(text) - len(text.lstrip()))
    return (Span(indent), Span(found[1], "dim" if indent else "strong"), Span(found[2]))


def _diff(text: str) -> Line:
    return (Span(text, _SIGNS.get(text.lstrip()[:1], "text")),)


_TONED: Mapping[Toned, Callable[[str], Line]] = {
    "plain": _plain,
    "yaml": _yaml,
    "diff": _diff,
    "describe": _described,
}


def _found(line: Line, pattern: re.Pattern[str] | None) -> Line:
    if pattern is None:
        return line
    spans: list[Span] = []
    for span in line:
        at = 0
        for start, end in spans_of(pattern, span.text):
            spans += [Span(span.text[at:start], span.tone), Span(span.text[start:end], "match")]
            at = end
        spans.append(Span(span.text[at:], span.tone))
    return tuple(spans)


def _wrapped(line: Line, width: int) -> list[Line]:
    if width_of(line) <= width:
        return [line or EMPTY]
    rows: list[Line] = []
    row: list[Span] = []
    room = width
    for span in line:
        text = span.text
        while text:
            piece = chop_cells(text, room)[0] if room else ""
            row.append(Span(piece, span.tone))
            text, room = text[len(piece) :], room - width_of((Span(piece),))
            if text:
                rows.append(tuple(row))
                row, room = [], width
    return [*rows, tuple(row)]
