"""Plans, live runs and the history of runs, as front ends ask for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from core.deployment.build import deployment_graph
from core.deployment.preview import preview_of
from core.deployment.recorded import recorded_run, report_line
from core.deployment.stored import parsed
from core.engine.events import Event
from core.engine.plan import plan
from core.engine.session import follow
from core.model.environment import Environment
from core.runs_api import Preview, RunRecord
from core.status import ReportLine

if TYPE_CHECKING:
    from core.console.running import Running


class Runs:
    """Answers `core.runs_api.RunsApi` with what the façade has opened."""

    def __init__(self, console: Running) -> None:
        self._console = console

    async def preview(self, environment: str) -> Preview:
        console = self._console
        wanted, _, _ = console.wanted(environment)
        durations = console.store.journal.durations(environment)
        async with console.context(wanted) as context:
            steps = await plan(await deployment_graph(context))
            return preview_of(wanted, self._deployed(environment), steps, durations, simulated=context.cloud.simulated)

    def _deployed(self, environment: str) -> Environment | None:
        document = self._console.store.environments.require(environment).document
        return parsed(document, environment) if document is not None else None

    async def events(self, environment: str) -> AsyncIterator[Event]:
        async for event in follow(self._console.store.home, environment):
            yield event

    async def record(self, environment: str, number: int) -> RunRecord:
        store = self._console.store
        return recorded_run(store, store.deployments.numbered(environment, number))

    async def component_lines(self, environment: str, component: str) -> Sequence[ReportLine]:
        return [report_line(line) for line in self._console.store.lines.of_component(environment, component)]

    async def destroy(self, environment: str) -> None:
        await self._console.spawn(environment, "destroy", environment, "--yes")

    async def removal(self, environment: str) -> Sequence[str]:
        return await self._console.removal_lines(environment)

    async def abandon(self, environment: str) -> str:
        return await self._console.abandon(environment)
