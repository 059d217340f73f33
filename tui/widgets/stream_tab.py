"""The base of tabs that stream: a heading that says what and how it goes, and the lines below it."""

from __future__ import annotations

from textual.containers import Vertical

from tui.context import Context
from tui.view_models.text import Line
from tui.view_models.tree import TreeLine
from tui.widgets.strip_line import StripLine
from tui.widgets.tail_view import TailView


class StreamTab(Vertical):
    """One stream at a time, in a worker that ends with the tab; another selection starts another stream."""

    DEFAULT_CSS = "StreamTab { height: 1fr; padding: 1 1 0 1; & > TailView { margin: 1 0 0 0; } }"

    def __init__(self, context: Context, *, id: str) -> None:
        super().__init__(id=id)
        self.shared = context

    @property
    def lines(self) -> TailView:
        """The view of the stream."""
        return self.query_one(TailView)

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        """Stream what belongs to the selected line; `again` starts a stream over that may have ended."""
        raise NotImplementedError

    def tick(self) -> None:
        """A second went by: show what changes with time alone."""

    def show_heading(self, heading: Line) -> None:
        """Show this above the lines."""
        self.query_one(StripLine).show_lines([heading])
