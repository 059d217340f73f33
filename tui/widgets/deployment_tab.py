"""The tab that streams a deployment's report."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.widget import Widget

from core.status import DeploymentStatus
from tui.batches import batches
from tui.context import Context, sentence
from tui.messages import Told
from tui.view_models.report import heading, newest
from tui.view_models.tree import TreeLine
from tui.widgets.pane_tab import PaneTab
from tui.widgets.report_lines import ReportLines
from tui.widgets.strip_line import StripLine
from tui.working import begin


class DeploymentTab(PaneTab):
    """The newest run of the selected environment, line by line while it goes on."""

    DEFAULT_CSS = "DeploymentTab { & > ReportLines { margin: 1 0 0 0; } }"

    def __init__(self, context: Context) -> None:
        super().__init__(context, id="deployment")
        self._environment = ""
        self._deployment: DeploymentStatus | None = None
        self._following = False
        self._was_running = False

    def compose(self) -> ComposeResult:
        yield StripLine(self.shared.glyphs)
        yield ReportLines(self.shared.glyphs, id="report-lines")

    @property
    def lines(self) -> ReportLines:
        """The view of the report."""
        return self.query_one(ReportLines)

    @property
    def target(self) -> Widget:
        return self.lines

    @property
    def running(self) -> bool:
        """The run that is shown goes on, so that its clock ticks."""
        return self._deployment is not None and self._deployment.ended is None

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        """Follow the selected environment's report; `again` reads it anew because a run was started."""
        name = line.environment.environment if line is not None else ""
        running = line is not None and line.branch.running
        started = running and not self._was_running and not self._following
        self._was_running = running
        if name == self._environment and not again and not started:
            return
        self._environment, self._deployment = name, None
        self.lines.clear()
        if name:
            self._following = True
            begin(self, partial(self._follow, name), "report")

    def tick(self) -> None:
        if self.running:
            self._show_heading()

    async def _follow(self, environment: str) -> None:
        try:
            await self._read_heading(environment)
            async for batch in batches(self.shared.ask().follow(environment)):
                self.lines.add(batch)
            await self._read_heading(environment)
        except Exception as error:
            self.post_message(Told(f"the report of {environment}: {sentence(error)}"))
        self._following = False

    async def _read_heading(self, environment: str) -> None:
        self._deployment = newest(await self.shared.ask().deployments(environment))
        self._show_heading()

    def _show_heading(self) -> None:
        line = heading(self._environment, self._deployment, self.shared.clock(), self.shared.glyphs)
        self.query_one(StripLine).show_lines([line])
