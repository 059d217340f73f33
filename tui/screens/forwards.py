"""The port-forwards of this console."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.live.operations import Forward
from tui.context import Context, sentence
from tui.view_models.keys import hint_line
from tui.view_models.table import Column, Table
from tui.view_models.text import Span
from tui.widgets.notice_line import NoticeLine
from tui.widgets.strip_line import StripLine
from tui.widgets.table_lines import TableLines
from tui.widgets.table_view import TableView
from tui.working import begin

_KEYS = (("enter", "Open in a browser"), ("c", "Copy the address"), ("K", "Stop it"), ("esc", "Back"))


@dataclass(frozen=True, slots=True)
class ForwardRow:
    """A port-forward in the table."""

    forward: Forward

    @property
    def key(self) -> str:
        return str(self.forward.id)


class ForwardsScreen(Screen[None], inherit_bindings=False):
    """Each with the pod that it leads to now; they live as long as the console."""

    DEFAULT_CSS = """
    ForwardsScreen {
        background: $background;
        & #forwards-heading, & #forwards-keys { height: 1; background: $panel; }
        & TableView { padding: 0 1; border: round $border-focused; }
        &.-ascii TableView { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", id="forwards.close"),
        Binding("c", "copy", "Copy the address", id="forwards.copy"),
        Binding("K", "stop", "Stop it", id="forwards.stop"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.shared = context

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield StripLine(glyphs, id="forwards-heading")
        yield TableView(glyphs, self.shared.clock)
        yield NoticeLine(glyphs)
        yield StripLine(glyphs, id="forwards-keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.query_one("#forwards-heading", StripLine).show_lines([(Span(" Port-forwards", "title"),)])
        self.query_one("#forwards-keys", StripLine).show_lines([hint_line(_KEYS)])
        self.lines.placeholder = "none: F on a pod, a workload or a Service begins one"
        self.lines.show_table(forwards_table())
        self.lines.focus()
        self.show()
        self.set_interval(1.0, self.show)

    @property
    def lines(self) -> TableLines:
        """The forwards."""
        return self.query_one(TableLines)

    def show(self) -> None:
        """Show them as they are now."""
        try:
            found = {str(one.id): ForwardRow(one) for one in self.shared.ask().live.forwards()}
        except Exception as error:
            self.query_one(NoticeLine).tell(sentence(error), "failed")
            return
        gone = {row.key: None for row in self.lines.table.rows if row.key not in found}
        self.lines.take({**gone, **found})

    def on_table_lines_row_chosen(self, event: TableLines.RowChosen) -> None:
        event.stop()
        self.app.open_url(event.row.forward.url)

    def action_copy(self) -> None:
        row = self.lines.selected
        if row is not None:
            self.app.copy_to_clipboard(row.forward.url)
            self.query_one(NoticeLine).tell(f"copied: {row.forward.url}", "ready")

    def action_stop(self) -> None:
        row = self.lines.selected
        if row is not None:
            begin(self, partial(self._stop, row.forward), "stop", alone=False)

    async def _stop(self, forward: Forward) -> None:
        try:
            await self.shared.ask().live.stop_forward(forward.id)
        except Exception as error:
            self.query_one(NoticeLine).tell(sentence(error), "failed")
        self.show()

    def action_close(self) -> None:
        if not self.query_one(NoticeLine).dismiss():
            self.dismiss(None)


def forwards_table() -> Table[ForwardRow]:
    """An empty table of port-forwards."""
    return Table(
        [
            Column("ADDRESS", lambda row, now: row.forward.url, lambda row: (row.forward.local,)),
            Column("TO", lambda row, now: str(row.forward.target), lambda row: (str(row.forward.target),)),
            Column("PORT", lambda row, now: str(row.forward.remote), lambda row: (row.forward.remote,), right=True),
            Column("POD NOW", lambda row, now: row.forward.pod or "none", lambda row: (row.forward.pod,), tells=True),
            Column("CLUSTER", lambda row, now: str(row.forward.cluster), lambda row: (str(row.forward.cluster),)),
            Column(
                "OPEN",
                lambda row, now: str(row.forward.connections),
                lambda row: (row.forward.connections,),
                right=True,
            ),
            Column("TROUBLE", lambda row, now: row.forward.trouble, lambda row: (row.forward.trouble,)),
        ],
        lambda row: "degraded" if row.forward.trouble or not row.forward.pod else "ready",
    )
