"""Tables as the server prints them, for every kind that has no typed row here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.kube.forms import ColumnDefinition
from core.kube.tables.columns import AGE, NAME, NAMESPACE
from core.live.objects import Kind
from core.live.tables import Column, Health, LiveRow, SortKey, TableShape

_NUMBERS = frozenset({"integer", "number"})
_HEALTHS: dict[str, Health] = {
    "Active": "good",
    "Approved": "good",
    "Bound": "good",
    "Available": "good",
    "Ready": "good",
    "True": "good",
    "Pending": "busy",
    "Terminating": "busy",
    "Released": "warn",
    "Failed": "bad",
    "Lost": "bad",
    "False": "bad",
}
"""What the usual words in a column "Status" or "Ready" say."""


def server_shape(kind: Kind, definitions: Sequence[ColumnDefinition]) -> TableShape:
    """The look of a server's table: its own columns, with name and age from the metadata, which stay current."""
    own = [_column(index, found) for index, found in enumerate(definitions) if not _from_metadata(found)]
    columns = [*([NAMESPACE] if kind.namespaced else []), NAME, *own, AGE]
    spoken = next((index for index, found in enumerate(definitions) if found.name in ("Status", "Ready")), None)

    def health(live: LiveRow) -> Health:
        if live.row.metadata.deletion_timestamp is not None:
            return "busy"
        return "good" if spoken is None else _HEALTHS.get(str(_cell(live, spoken)), "unknown")

    return TableShape(kind, tuple(columns), health)


def _from_metadata(found: ColumnDefinition) -> bool:
    return found.format == "name" or found.name in ("Name", "Age")


def _column(index: int, found: ColumnDefinition) -> Column:
    def text(live: LiveRow, now: float) -> str:
        return _text(_cell(live, index))

    def sort(live: LiveRow) -> SortKey:
        cell = _cell(live, index)
        if isinstance(cell, int | float):
            return (0, cell, "")
        return (1, 0, _text(cell))

    return Column(found.name.upper(), text, sort, wide=found.priority > 0, right=found.type in _NUMBERS)


def _cell(live: LiveRow, index: int) -> Any:
    """A table whose columns changed meanwhile has rows with other cells."""
    cells = live.row.cells
    return cells[index] if index < len(cells) else None


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, list | tuple):
        return ",".join(str(word) for word in cell)
    return str(cell)
