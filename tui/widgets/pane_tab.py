"""The base of the pane's tabs that are more than lines."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import Vertical
from textual.widget import Widget

from core.live.objects import ClusterRef, Target
from tui.context import Context
from tui.view_models.tree import TreeLine


class PaneTab(Vertical):
    """Shows what belongs to the selected line, in workers that end with the tab."""

    KEYS: Sequence[tuple[str, str]] = ()
    """What the tab's own keys do, for the line of keys."""

    DEFAULT_CSS = "PaneTab { height: 1fr; padding: 1 1 0 1; }"

    def __init__(self, context: Context, *, id: str) -> None:
        super().__init__(id=id)
        self.shared = context

    @property
    def target(self) -> Widget:
        """What gets the focus when the tab gets it."""
        raise NotImplementedError

    @property
    def chosen(self) -> Sequence[Target]:
        """The live objects that actions are asked of while the tab has the focus; none where the selected line is."""
        return ()

    @property
    def clusters(self) -> Sequence[ClusterRef]:
        """The clusters whose objects are shown."""
        return ()

    def usage_changed(self) -> None:
        """A cluster was measured again."""

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        """Show what belongs to the selected line; `again` starts over what may have ended."""
        raise NotImplementedError

    def tick(self) -> None:
        """A second went by: show what changes with time alone."""
