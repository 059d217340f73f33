"""The tab that reads the log of what is selected."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widget import Widget

from tui.context import Context
from tui.view_models.live_targets import feed_of
from tui.view_models.log_feed import KEYS
from tui.view_models.tree import Key, TreeLine
from tui.widgets.log_pane import LogPane
from tui.widgets.pane_tab import PaneTab


class LogsTab(PaneTab):
    """A log belongs to its line: to select another one reads another log."""

    KEYS = KEYS

    def __init__(self, context: Context) -> None:
        super().__init__(context, id="logs")
        self._shown: Key = ()

    def compose(self) -> ComposeResult:
        yield LogPane(self.shared)

    @property
    def log_pane(self) -> LogPane:
        """The log."""
        return self.query_one(LogPane)

    @property
    def target(self) -> Widget:
        return self.log_pane.lines

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        key = line.key if line is not None else ()
        if key == self._shown and not (again and self.log_pane.ended):
            return
        self._shown = key
        self.log_pane.open(feed_of(line))

    def tick(self) -> None:
        self.log_pane.tick()
