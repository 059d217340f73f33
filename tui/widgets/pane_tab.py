"""The base of the pane's tabs that are more than lines."""

from __future__ import annotations

from textual.containers import Vertical
from textual.widget import Widget

from tui.context import Context
from tui.view_models.tree import TreeLine


class PaneTab(Vertical):
    """Shows what belongs to the selected line, in workers that end with the tab."""

    DEFAULT_CSS = "PaneTab { height: 1fr; padding: 1 1 0 1; }"

    def __init__(self, context: Context, *, id: str) -> None:
        super().__init__(id=id)
        self.shared = context

    @property
    def target(self) -> Widget:
        """What gets the focus when the tab gets it."""
        raise NotImplementedError

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        """Show what belongs to the selected line; `again` starts over what may have ended."""
        raise NotImplementedError

    def tick(self) -> None:
        """A second went by: show what changes with time alone."""
