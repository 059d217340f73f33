"""Plans and runs with data instead of an engine behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from core.engine.errors import Trouble
from core.engine.events import Event
from core.runs_api import Preview, RunRecord
from core.status import ReportLine


@dataclass
class FakeRuns:
    """Implements `core.runs_api.RunsApi`; `happened` was told before one listens, `coming` after, None ends it."""

    plan: Preview = field(default_factory=lambda: Preview("lab", ()))
    happened: list[Event] = field(default_factory=list)
    coming: asyncio.Queue[Event | None] = field(default_factory=asyncio.Queue)
    records: dict[int, RunRecord] = field(default_factory=dict)
    removed: list[str] = field(default_factory=lambda: ["environment lab has 5 machines: kube-1"])
    failures: dict[str, Trouble] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)

    async def preview(self, environment: str) -> Preview:
        self._call("preview", environment)
        return self.plan

    async def events(self, environment: str) -> AsyncIterator[Event]:
        self._call("events", environment)
        for event in self.happened:
            yield event
        while (coming := await self.coming.get()) is not None:
            yield coming

    async def record(self, environment: str, number: int) -> RunRecord:
        self._call("record", environment, number)
        return self.records.get(number, RunRecord(number, "", (), ()))

    async def component_lines(self, environment: str, component: str) -> Sequence[ReportLine]:
        self._call("component_lines", environment, component)
        return [line for record in self.records.values() for line in record.lines if line.component == component]

    async def destroy(self, environment: str) -> None:
        self._call("destroy", environment)

    async def removal(self, environment: str) -> Sequence[str]:
        self._call("removal", environment)
        return self.removed

    async def abandon(self, environment: str) -> str:
        self._call("abandon", environment)
        return f"environment {environment} is forgotten"

    def called(self, name: str) -> list[tuple[object, ...]]:
        """The calls of this method, in order."""
        return [call for call in self.calls if call[0] == name]

    def _call(self, *call: object) -> None:
        self.calls.append(call)
        if str(call[0]) in self.failures:
            raise self.failures[str(call[0])]
