"""The rows of a table: ten thousand of them cost as much to show as those in sight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.message import Message

from tui.view_models.glyphs import Glyphs
from tui.view_models.table import Column, Keyed, Table
from tui.view_models.table_lines import Fitted, fitted, row_line
from tui.view_models.text import Line, Span
from tui.widgets.line_list import LineList


class TableLines(LineList):
    """The cursor stays on its object while others come, go and change places."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", id="table.open"),
        Binding("space", "mark", "Mark, or take the mark away", id="table.mark"),
        Binding("M", "mark_range", "Mark from the last mark to here", id="table.mark-range"),
        Binding("asterisk", "mark_all", "Mark all that are shown, or none", id="table.mark-all"),
        Binding("left", "pan(-1)", "Columns further left", id="table.left"),
        Binding("right", "pan(1)", "Columns further right", id="table.right"),
        Binding("less_than_sign,shift+left", "sort(-1)", "Sort by the column before", id="table.sort-before"),
        Binding("greater_than_sign,shift+right", "sort(1)", "Sort by the next column", id="table.sort-next"),
        Binding("I", "reverse", "Sort the other way round", id="table.reverse"),
        Binding("w", "wide", "All columns, or the usual ones", id="table.wide"),
        Binding("exclamation_mark", "faults", "Only what is wrong, or everything", id="table.faults"),
    ]

    class RowChosen(Message):
        """The row under the cursor is to be opened."""

        def __init__(self, row: Any) -> None:
            super().__init__()
            self.row = row

    class ViewChanged(Message):
        """Columns, order, marks or the number of rows are other ones."""

    def __init__(self, glyphs: Glyphs, clock: Callable[[], float], *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.table: Table[Any] = Table([Column("name", lambda row, now: "", lambda row: ())], lambda row: "unknown")
        self.placeholder = ""
        self._clock = clock
        self._now = 0.0
        self._columns = Fitted((0,), (0,), False)
        self._left = 0
        self._at = ""
        self._anchor = 0

    @property
    def line_count(self) -> int:
        return max(len(self.table), 1)

    def line_at(self, number: int) -> Line:
        if not len(self.table):
            return (Span(f" {self.placeholder}", "dim"),)
        return row_line(self.table, self.table[number], self._columns, self._now, self.glyphs)

    @property
    def columns(self) -> Fitted:
        """The columns that are on the screen."""
        return self._columns

    @property
    def left(self) -> int:
        """How many columns were pushed out to the left."""
        return self._left

    @property
    def selected(self) -> Any | None:
        """The row under the cursor."""
        return self.table[self.cursor] if self.cursor < len(self.table) else None

    @property
    def chosen(self) -> list[Any]:
        """What an action is asked of: the marked rows, or the one under the cursor."""
        if self.table.marked:
            return self.table.chosen
        return [self.selected] if self.selected is not None else []

    def show_table(self, table: Table[Any]) -> None:
        """Show another table, from its top."""
        self.table = table
        self._left, self._at, self._anchor = 0, "", 0
        self.cursor = 0
        self.rearranged()

    def take(self, changes: Mapping[str, Keyed | None]) -> None:
        """Take changed rows and paint no more than what looks different."""
        lines = self.table.apply(changes)
        if lines is None or self._fit():
            self.rearranged()
            return
        for number in lines:
            self.repaint_line(number)

    def rearranged(self) -> None:
        """Rows moved, or other columns are shown: lay out anew with the cursor on its object."""
        self._now = self._clock()
        self._fit()
        at = self.table.number_of(self._at)
        self.lines_changed()
        self.cursor = min(self.cursor, max(len(self.table) - 1, 0)) if at is None else at
        self.keep_in_sight()
        self._remember()
        self.post_message(self.ViewChanged())

    def refit(self) -> None:
        """Values may be wider now, without that rows changed."""
        if self._fit():
            self.lines_changed()
            self.post_message(self.ViewChanged())
        else:
            self.repaint_changed()

    def tick(self) -> None:
        """A second went by: ages grow."""
        self._now = self._clock()
        self.repaint_changed()

    def select(self, key: str) -> None:
        """Put the cursor on this object, where it is shown."""
        number = self.table.number_of(key)
        if number is not None:
            self.cursor = number

    def watch_cursor(self, old: int, new: int) -> None:
        self._remember()
        super().watch_cursor(old, new)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.refit()

    def on_resize(self, event: Resize) -> None:
        self.rearranged()

    def on_click(self, event: Click) -> None:
        super().on_click(event)
        if event.chain == 2:
            self.action_choose()

    def action_choose(self) -> None:
        if self.selected is not None:
            self.post_message(self.RowChosen(self.selected))

    def action_mark(self) -> None:
        if self.selected is None:
            return
        self.table.mark([self.selected.key])
        self._anchor = self.cursor
        self.repaint_line(self.cursor)
        self.cursor += 1
        self.post_message(self.ViewChanged())

    def action_mark_range(self) -> None:
        keys = self.table.between(self._anchor, self.cursor)
        self.table.mark([key for key in keys if key not in self.table.marked])
        self.repaint_changed()
        self.post_message(self.ViewChanged())

    def action_mark_all(self) -> None:
        self.table.mark(self.table.between(0, len(self.table)))
        self.repaint_changed()
        self.post_message(self.ViewChanged())

    def clear_marks(self) -> bool:
        """Take all marks away; says whether there were any."""
        marked = bool(self.table.marked)
        self.table.marked.clear()
        self.repaint_changed()
        self.post_message(self.ViewChanged())
        return marked

    def action_pan(self, step: int) -> None:
        self._left = max(0, min(self._left + step, len(self.table.shown) - 2))
        self.rearranged()

    def action_sort(self, step: int) -> None:
        shown = self.table.shown
        at = shown.index(self.table.sort) if self.table.sort in shown else 0
        self.table.sort_by(shown[(at + step) % len(shown)])
        self.rearranged()

    def action_reverse(self) -> None:
        self.table.sort_by(self.table.sort, not self.table.descending)
        self.rearranged()

    def action_wide(self) -> None:
        self.table.wide = not self.table.wide
        self.rearranged()

    def action_faults(self) -> None:
        self.table.narrow(self.table.matches, not self.table.only_faults)
        self.rearranged()

    def _remember(self) -> None:
        row = self.selected
        self._at = row.key if row is not None else self._at

    def _fit(self) -> bool:
        """Choose the columns that fit the rows in sight; says whether they are others than before."""
        before, top = self._columns, round(self.scroll_y)
        self.table.measure(top, top + max(self.size.height, 1), self._now)
        self._columns = fitted(self.table, max(self.scrollable_content_region.width, 1), self._left)
        return self._columns != before
