"""A table's lines: which columns fit, and each row's cells in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tui.view_models.glyphs import TONE_OF, Glyphs
from tui.view_models.table import R, Table
from tui.view_models.text import Line, Span, Tone, cell

_GAP = 2
_NAME_LEAST = 24
_LEAST = 16
"""Texts are never cut below this; columns that do not fit then are to the right."""

_HEAD = 4
"""Cells before the first column: the mark of a marked row and the glyph of its state."""

_CALM = ("ready", "unknown", "stale")
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"))


@dataclass(frozen=True, slots=True)
class Fitted:
    """The columns that are on the screen with their widths; `more` says that others are to the right."""

    columns: tuple[int, ...]
    widths: tuple[int, ...]
    more: bool


def fitted(table: Table[Any], width: int, left: int = 0) -> Fitted:
    """The columns that fit, the first one always and then from number `left` on; long texts give way first."""
    first, *others = table.shown
    shown = [first, *others[left:]]
    widths = [table.width(number) for number in shown]
    while len(shown) > 1 and _HEAD + sum(_narrowest(table, shown, widths)) > width:
        shown.pop()
        widths.pop()
    while _HEAD + sum(widths) + _GAP * len(widths) > width:
        spare = [room - _floor(table, number) for number, room in zip(shown, widths, strict=True)]
        if max(spare) <= 0:
            break
        widths[spare.index(max(spare))] -= 1
    return Fitted(tuple(shown), tuple(widths), len(shown) - 1 < len(others) - left)


def head_line(table: Table[Any], columns: Fitted, glyphs: Glyphs, *, left: int = 0) -> Line:
    """The titles; an arrow and a tone say which one the rows are sorted by."""
    spans = [Span(f" {glyphs.cut if left else ''}".ljust(_HEAD), "dim")]
    for number, room in zip(columns.columns, columns.widths, strict=True):
        column = table.columns[number]
        sorted_by = number == table.sort
        arrow = (glyphs.down if table.descending else glyphs.up) if sorted_by else ""
        title = f"{column.title.upper()}{arrow}"
        title = cell(f"{title:>{room}}" if column.right else title, room, glyphs.cut)
        spans.append(Span(title + " " * _GAP, "key" if sorted_by else "dim"))
    if columns.more:
        spans.append(Span(glyphs.cut, "dim"))
    return tuple(spans)


def row_line(table: Table[R], row: R, columns: Fitted, now: float, glyphs: Glyphs) -> Line:
    """A row: its mark, the glyph of its state, its values; what names it and what tells have the state's tone."""
    marked = row.key in table.marked
    state = table.state(row)
    spans = [Span(f" {glyphs.marked}" if marked else "  ", "accent"), glyphs.mark(state), Span(" ")]
    tone: Tone = TONE_OF[state] if state not in _CALM else "text"
    for number, room in zip(columns.columns, columns.widths, strict=True):
        column = table.columns[number]
        text = glyphs.fold(column.text(row, now))
        text = cell(f"{text:>{room}}" if column.right else text, room, glyphs.cut)
        tells = column.tells or number == 0
        spans.append(Span(text + " " * _GAP, "accent" if marked else tone if tells else "text"))
    return tuple(spans)


def short_age(seconds: float) -> str:
    """A length of time as tables have room for it: "12s", "3m", "5h", "9d"."""
    seconds = max(seconds, 0)
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{int(seconds // length)}{unit}"
    return f"{int(seconds)}s"


def table_text(table: Table[Any], now: float) -> str:
    """The rows that are shown, with all columns that are shown, as tab-separated text for a file."""
    columns = [table.columns[number] for number in table.shown]
    lines = ["\t".join(column.title for column in columns)]
    lines += ["\t".join(column.text(table[at], now) for column in columns) for at in range(len(table))]
    return "\n".join(lines) + "\n"


def details(table: Table[R], row: R, now: float) -> Mapping[str, str]:
    """Every value of a row by its column's title, hidden ones as well."""
    return {column.title: column.text(row, now) for column in table.columns}


def _narrowest(table: Table[Any], shown: Sequence[int], widths: Sequence[int]) -> list[int]:
    return [min(room, _floor(table, number)) + _GAP for number, room in zip(shown, widths, strict=True)]


def _floor(table: Table[Any], number: int) -> int:
    """How narrow a column may become: numbers and ages are never cut."""
    column = table.columns[number]
    if column.right or column.ages:
        return table.width(number)
    return min(table.width(number), _NAME_LEAST if number == 0 or column.tells else _LEAST)
