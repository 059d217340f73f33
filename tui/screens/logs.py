"""A log alone on the screen."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.context import Context
from tui.messages import Told
from tui.view_models.keys import hint_line
from tui.view_models.log_feed import KEYS, LogFeed
from tui.widgets.log_pane import LogPane
from tui.widgets.notice_line import NoticeLine
from tui.widgets.strip_line import StripLine


class LogScreen(Screen[None], inherit_bindings=False):
    """Reads the log for as long as it is open."""

    DEFAULT_CSS = """
    LogScreen {
        background: $background;
        & #log-keys { height: 1; background: $panel; }
        & LogPane { padding: 0 1; border: round $border-focused; }
        &.-ascii LogPane { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", id="logs.close"),
    ]

    def __init__(self, context: Context, feed: LogFeed) -> None:
        super().__init__()
        self.shared = context
        self._feed = feed

    def compose(self) -> ComposeResult:
        yield LogPane(self.shared)
        yield NoticeLine(self.shared.glyphs)
        yield StripLine(self.shared.glyphs, id="log-keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.query_one("#log-keys", StripLine).show_lines([hint_line((*KEYS, ("esc", "Back")))])
        pane = self.query_one(LogPane)
        pane.lines.focus()
        pane.open(self._feed)
        self.set_interval(1.0, pane.tick)

    @on(Told)
    def _on_told(self, event: Told) -> None:
        event.stop()
        self.query_one(NoticeLine).tell(event.text, event.state)

    def action_close(self) -> None:
        if not self.query_one(NoticeLine).dismiss():
            self.dismiss(None)
