"""Lines of text in tones: what view models make and line widgets paint."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rich.cells import cell_len, set_cell_size

Tone = Literal[
    "text",
    "dim",
    "strong",
    "title",
    "good",
    "working",
    "warn",
    "bad",
    "stale",
    "accent",
    "key",
    "badge",
    "match",
    "term-a",
    "term-b",
    "term-c",
]
"""What a piece of text means; the theme gives it a colour, the words beside it say the same."""

TONES: tuple[Tone, ...] = get_args(Tone)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one tone."""

    text: str
    tone: Tone = "text"


Line = tuple[Span, ...]

EMPTY: Line = ()


def counted(number: int, noun: str) -> str:
    """A number with its noun, "1 line" or "2,000 lines"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def plain(line: Line) -> str:
    """The line without its tones."""
    return "".join(span.text for span in line)


def width_of(line: Line) -> int:
    """The number of terminal cells that the line takes."""
    return sum(cell_len(span.text) for span in line)


def shorten(text: str, width: int, cut: str) -> str:
    """The text in at most `width` cells, its middle replaced by the mark `cut` where it was longer."""
    if cell_len(text) <= width:
        return text
    room = width - cell_len(cut)
    if room <= 0:
        return set_cell_size(text, max(width, 0)).rstrip()
    tail = room // 2
    return text[: room - tail] + cut + (text[-tail:] if tail else "")


def cell(text: str, width: int, cut: str) -> str:
    """The text shortened or padded to exactly `width` cells."""
    return set_cell_size(shorten(text, width, cut), max(width, 0))


def fit(line: Line, width: int, cut: str) -> Line:
    """The line in at most `width` cells; a line that is longer ends in the mark `cut`."""
    if width_of(line) <= width:
        return line
    kept: list[Span] = []
    room = max(width - cell_len(cut), 0)
    for span in line:
        taken = span.text if cell_len(span.text) <= room else set_cell_size(span.text, room)
        kept.append(Span(taken, span.tone))
        room -= cell_len(taken)
        if room <= 0:
            break
    return (*kept, Span(cut[: max(width, 0)], "dim"))


def spread(left: Line, right: Line, width: int, cut: str) -> Line:
    """`left` at the left edge and `right` at the right one; `left` gives way where both do not fit."""
    room = width - width_of(right)
    if room < 4:
        return fit(left, width, cut)
    left = fit(left, room - 1, cut)
    return (*left, Span(" " * (room - width_of(left))), *right)


def wrapped(head: Line, text: str, width: int, tone: Tone = "text") -> list[Line]:
    """`head` followed by `text`, which goes on below itself where it is longer than the line."""
    indent = width_of(head)
    pieces = textwrap.wrap(text, max(width - indent, 16)) or [""]
    first: Line = (*head, Span(pieces[0], tone))
    return [first, *((Span(" " * indent), Span(piece, tone)) for piece in pieces[1:])]


def table(header: Sequence[str], rows: Sequence[Sequence[Span]], width: int, cut: str) -> list[Line]:
    """A header and rows in columns as wide as their widest cell; the widest columns give way first."""
    if not rows:
        return []
    widths = _column_widths(header, rows, width)
    lines = [_row([Span(title, "dim") for title in header], widths, cut)]
    lines.extend(_row(row, widths, cut) for row in rows)
    return lines


def table_width(header: Sequence[str], rows: Sequence[Sequence[Span]]) -> int:
    """The width of a table that nothing has to give way in."""
    return sum(_natural_widths(header, rows)) + 2 * len(header)


def _row(cells: Sequence[Span], widths: Sequence[int], cut: str) -> Line:
    return tuple(Span(cell(item.text, room, cut) + "  ", item.tone) for item, room in zip(cells, widths, strict=True))


def _column_widths(header: Sequence[str], rows: Sequence[Sequence[Span]], width: int) -> list[int]:
    widths = _natural_widths(header, rows)
    while sum(widths) + 2 * len(widths) > width and max(widths) > 6:
        widths[widths.index(max(widths))] -= 1
    return widths


def _natural_widths(header: Sequence[str], rows: Sequence[Sequence[Span]]) -> list[int]:
    widths = [cell_len(title) for title in header]
    for row in rows:
        widths = [max(old, cell_len(item.text)) for old, item in zip(widths, row, strict=True)]
    return widths
