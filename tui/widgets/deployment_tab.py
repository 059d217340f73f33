"""The tab with the newest run of the selected environment."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.status import DeploymentStatus
from tui.batches import batches
from tui.context import Context, sentence
from tui.messages import Told
from tui.view_models.report import newest
from tui.view_models.run_view import RunView
from tui.view_models.tree import TreeLine
from tui.widgets.pane_tab import PaneTab
from tui.widgets.run_pane import RunPane
from tui.working import begin


class DeploymentTab(PaneTab):
    """Follows a run while it goes on, whoever began it; one that is over is read from the database."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "screen.act('deploy')", "Run it again", id="deployment.again"),
    ]

    KEYS = (("m", "Machines, or report"), ("n", "Next failure"), ("f", "Failures only"), ("r", "Run it again"))

    def __init__(self, context: Context) -> None:
        super().__init__(context, id="deployment")
        self._environment = ""
        self._following = False
        self._was_running = False

    def compose(self) -> ComposeResult:
        yield RunPane(self.shared)

    @property
    def run_pane(self) -> RunPane:
        """The run."""
        return self.query_one(RunPane)

    @property
    def target(self) -> Widget:
        return self.run_pane.report

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        name = line.environment.environment if line is not None else ""
        running = line is not None and line.branch.running
        started = running and not self._was_running and not self._following
        self._was_running = running
        if name == self._environment and not again and not started:
            return
        self._environment = name
        self.run_pane.show_run(name, None)
        if name:
            self._following = True
            begin(self, partial(self._follow, name), "run")

    def tick(self) -> None:
        run = self.run_pane.run
        if run is not None and run.running:
            self.run_pane.tick()

    async def _follow(self, environment: str) -> None:
        try:
            deployment = newest(await self.shared.ask().deployments(environment))
            if deployment is not None and deployment.ended is None:
                deployment = await self._live(environment, deployment)
            elif deployment is not None:
                await self._recorded(environment, deployment)
        except Exception as error:
            self.post_message(Told(f"the run of {environment}: {sentence(error)}"))
        self._following = False

    async def _live(self, environment: str, deployment: DeploymentStatus) -> DeploymentStatus | None:
        """Follow a run to its end; what is known of its steps is kept, how it ended is read."""
        run = RunView(deployment)
        self.run_pane.show_run(environment, run)
        async for events in batches(self.shared.ask().runs.events(environment)):
            self.run_pane.changed(run.take(events))
        ended = newest(await self.shared.ask().deployments(environment)) or deployment
        if run.missed or not run.steps:
            await self._recorded(environment, ended)
        else:
            run.deployment = ended
            self.run_pane.changed()
        return ended

    async def _recorded(self, environment: str, deployment: DeploymentStatus) -> None:
        record = await self.shared.ask().runs.record(environment, deployment.number)
        self.run_pane.show_run(environment, RunView.recorded(deployment, record))
