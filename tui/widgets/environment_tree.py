"""The tree of environments, clusters, machines, pods and replicas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message

from tui.view_models.glyphs import Glyphs
from tui.view_models.text import Line, Span
from tui.view_models.tree import Key, TreeLine, tree_row
from tui.widgets.line_list import LineList


class EnvironmentTree(LineList):
    """Shows the tree's lines; the cursor stays on its line when others come and go."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "close", "Close, or go to what it is part of", id="tree.close"),
        Binding("right", "open", "Open, or go to the first part", id="tree.open"),
        Binding("space", "open_or_close", "Open or close", id="tree.toggle"),
        Binding("enter", "choose", "Show it in the pane", id="tree.choose"),
    ]

    @dataclass
    class LineHighlighted(Message):
        """The cursor is on another line now, or on None where there is none."""

        line: TreeLine | None

    @dataclass
    class LineToggled(Message):
        """A line was opened or closed."""

        key: Key
        opened: bool

    class LineOpened(Message):
        """The line under the cursor is to be shown in the pane."""

    def __init__(self, glyphs: Glyphs, *, first: Key = (), id: str | None = None) -> None:
        """`first` is the line that the cursor begins on, as far as it is there; by default the top one."""
        super().__init__(glyphs, id=id)
        self._first = first
        self._tree: Sequence[TreeLine] = ()
        self._placeholder = ""

    @property
    def line_count(self) -> int:
        return max(len(self._tree), 1)

    def line_at(self, number: int) -> Line:
        """A row is laid out when it is painted: most of a large tree never is."""
        if not self._tree:
            return (Span(f" {self._placeholder}", "dim"),)
        return tree_row(self._tree[number], max(self.scrollable_content_region.width, 1), self.glyphs)

    @property
    def selected(self) -> TreeLine | None:
        """The line under the cursor."""
        return self._tree[self.cursor] if self.cursor < len(self._tree) else None

    def show_tree(self, lines: Sequence[TreeLine], placeholder: str) -> None:
        """Show these lines, or the placeholder where there is none."""
        before = self.selected
        grown = len(lines) != len(self._tree) or not lines
        self._tree, self._placeholder = lines, placeholder
        if grown:
            self.lines_changed()
        else:
            self.repaint_changed()
        self.select(before.key if before else self._first)

    def select(self, key: Key) -> None:
        """Put the cursor on this line, or on the nearest one that it was part of."""
        numbers = {line.key: number for number, line in enumerate(self._tree)}
        while key and key not in numbers:
            key = key[:-1]
        self.cursor = numbers.get(key, min(self.cursor, max(len(self._tree) - 1, 0)))
        self.keep_in_sight()

    def on_line_list_cursor_moved(self, event: LineList.CursorMoved) -> None:
        event.stop()
        self.post_message(self.LineHighlighted(self.selected))

    def on_click(self, event: Click) -> None:
        super().on_click(event)
        line = self.selected
        if line is not None and line.expandable and event.x <= 2 * line.depth + 1:
            self.action_open_or_close()
        elif event.chain == 2:
            self.action_choose()

    def action_close(self) -> None:
        line = self.selected
        if line is None:
            return
        if line.expandable and line.expanded:
            self.post_message(self.LineToggled(line.key, opened=False))
        elif len(line.key) > 1:
            self.select(line.key[:-1])

    def action_open(self) -> None:
        line = self.selected
        if line is None or not line.expandable:
            return
        if line.expanded:
            self.cursor += 1
        else:
            self.post_message(self.LineToggled(line.key, opened=True))

    def action_open_or_close(self) -> None:
        line = self.selected
        if line is not None and line.expandable:
            self.post_message(self.LineToggled(line.key, opened=not line.expanded))

    def action_choose(self) -> None:
        if self.selected is not None:
            self.post_message(self.LineOpened())
