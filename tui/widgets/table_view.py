"""A table with its titles above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.view_models.glyphs import Glyphs
from tui.view_models.table import Keyed, Table
from tui.view_models.table_lines import head_line
from tui.widgets.strip_line import StripLine
from tui.widgets.table_lines import TableLines


class TableView(Vertical):
    """The titles stay where they are while the rows scroll."""

    DEFAULT_CSS = "TableView { height: 1fr; & > StripLine { height: 1; } }"

    def __init__(self, glyphs: Glyphs, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyphs = glyphs
        self._clock = clock

    def compose(self) -> ComposeResult:
        yield StripLine(self._glyphs)
        yield TableLines(self._glyphs, self._clock)

    @property
    def lines(self) -> TableLines:
        """The rows."""
        return self.query_one(TableLines)

    def show_table(self, table: Table[Any]) -> None:
        """Show another table."""
        self.lines.show_table(table)

    def take(self, changes: Mapping[str, Keyed | None]) -> None:
        """Take changed rows."""
        self.lines.take(changes)

    def on_table_lines_view_changed(self, event: TableLines.ViewChanged) -> None:
        self._show_head()

    def _show_head(self) -> None:
        lines = self.lines
        head = head_line(lines.table, lines.columns, self._glyphs, left=lines.left)
        self.query_one(StripLine).show_lines([head])
