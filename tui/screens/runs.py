"""The runs of an environment, and one of them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.status import DeploymentStatus
from tui.context import Context, sentence
from tui.screens.run import RunScreen
from tui.screens.text import TextScreen
from tui.view_models.keys import hint_line
from tui.view_models.runs import KEYS, RunRow, runs_table
from tui.view_models.sides import difference
from tui.view_models.text import Span
from tui.widgets.notice_line import NoticeLine
from tui.widgets.strip_line import StripLine
from tui.widgets.table_lines import TableLines
from tui.widgets.table_view import TableView
from tui.working import begin


class RunsScreen(Screen[None], inherit_bindings=False):
    """The newest first; each with its report, its document, and what that changed."""

    DEFAULT_CSS = """
    RunsScreen {
        background: $background;
        & #runs-heading, & #runs-keys { height: 1; background: $panel; }
        & TableView { padding: 0 1; border: round $border-focused; }
        &.-ascii TableView { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", id="runs.close"),
        Binding("y", "document", "What was deployed", id="runs.document"),
        Binding("x", "difference", "What it changed in the document", id="runs.difference"),
        Binding("r", "read", "Read it again", id="runs.read"),
    ]

    def __init__(self, context: Context, environment: str) -> None:
        super().__init__()
        self.shared = context
        self._environment = environment

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield StripLine(glyphs, id="runs-heading")
        yield TableView(glyphs, self.shared.clock)
        yield NoticeLine(glyphs)
        yield StripLine(glyphs, id="runs-keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        title = Span(f" Deployments of {self._environment}", "title")
        self.query_one("#runs-heading", StripLine).show_lines([(title,)])
        self.query_one("#runs-keys", StripLine).show_lines([hint_line(KEYS)])
        self.lines.placeholder = "not deployed yet"
        self.lines.show_table(runs_table())
        self.lines.focus()
        self.action_read()

    @property
    def lines(self) -> TableLines:
        """The runs."""
        return self.query_one(TableLines)

    @property
    def selected(self) -> DeploymentStatus | None:
        """The run that has the cursor."""
        row = self.lines.selected
        return row.deployment if row is not None else None

    def action_read(self) -> None:
        begin(self, self._read, "runs")

    async def _read(self) -> None:
        try:
            found = await self.shared.ask().deployments(self._environment)
        except Exception as error:
            self.query_one(NoticeLine).tell(sentence(error), "failed")
            return
        self.lines.take({row.key: row for row in map(RunRow, found)})

    def on_table_lines_row_chosen(self, event: TableLines.RowChosen) -> None:
        event.stop()
        self.app.push_screen(RunScreen(self.shared, self._environment, event.row.deployment))

    def action_document(self) -> None:
        run = self.selected
        if run is not None:
            title = f"document of deployment {run.number}"
            self.app.push_screen(TextScreen(self.shared, title, lambda: self._document(run.number), "yaml"))

    def action_difference(self) -> None:
        run = self.selected
        if run is None:
            return

        async def read() -> str:
            before = await self._document(run.number - 1) if run.number > 1 else ""
            return difference(before, await self._document(run.number)) or "the document stayed as it was"

        self.app.push_screen(TextScreen(self.shared, f"what deployment {run.number} changed", read, "diff"))

    async def _document(self, number: int) -> str:
        return (await self.shared.ask().runs.record(self._environment, number)).document

    def action_close(self) -> None:
        if not self.query_one(NoticeLine).dismiss():
            self.dismiss(None)
