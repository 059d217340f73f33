"""A façade with data instead of a core behind it; tests steer what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from core.actions import Selection, action
from core.containers.catalogue import entries
from core.engine.errors import Refusal, Trouble
from core.model.catalogue import Entry
from core.model.composition import Order
from core.status import DeploymentStatus, EndpointStatus, EnvironmentStatus, ReportLine, UsageStatus
from tests.tui.fake_documents import FakeDocuments
from tests.tui.fake_live import FakeLive
from tests.tui.fake_runs import FakeRuns

Call = tuple[str, ...]


@dataclass
class FakeConsole:
    """Implements `core.console_api.ConsoleApi`: keeps the calls, streams what is put into its queues.

    `failures` maps a method's name to the trouble that it raises; `changed` feeds the streams of statuses, an exception
    in it is raised.
    """

    live: FakeLive = field(default_factory=FakeLive)
    documents: FakeDocuments = field(default_factory=FakeDocuments)
    runs: FakeRuns = field(default_factory=FakeRuns)
    statuses: dict[str, EnvironmentStatus] = field(default_factory=dict)
    endpoint_list: dict[str, list[EndpointStatus]] = field(default_factory=dict)
    deployed: list[DeploymentStatus] = field(default_factory=list)
    catalogue_trouble_list: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    coming: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    orders: list[Order] = field(default_factory=list)
    failures: dict[str, Trouble] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    changed: dict[str, asyncio.Queue[EnvironmentStatus | Trouble]] = field(default_factory=dict)

    async def connect(self) -> FakeConsole:
        self._call("connect")
        return self

    async def environments(self) -> list[EnvironmentStatus]:
        self._call("environments")
        return list(self.statuses.values())

    async def status(self, environment: str) -> EnvironmentStatus:
        self._call("status", environment)
        return self.statuses[environment]

    async def endpoints(self, environment: str) -> list[EndpointStatus]:
        self._call("endpoints", environment)
        return self.endpoint_list.get(environment, [])

    async def plan(self, environment: str) -> list[str]:
        raise AssertionError("the console asks for previews")

    async def deploy(self, environment: str) -> None:
        self._call("deploy", environment)

    async def act(self, environment: str, component: str, action: str) -> None:
        self._call("act", environment, component, action)
        self._guard(environment, component, action)

    async def cancel(self, environment: str) -> None:
        self._call("cancel", environment)

    def follow(self, environment: str) -> AsyncIterator[ReportLine]:
        raise AssertionError("the console follows the events of runs")

    async def deployments(self, environment: str) -> list[DeploymentStatus]:
        self._call("deployments", environment)
        return self.deployed

    async def logs(self, environment: str, place: str, follow: bool = True) -> AsyncIterator[str]:
        self._call("logs", environment, place)
        for line in self.lines:
            yield line
        while True:
            yield await self.coming.get()

    async def usage(self, environment: str, place: str) -> list[UsageStatus]:
        raise AssertionError("the console shows no figures of containers")

    def catalogue(self, category: str | None = None, tag: str | None = None, text: str | None = None) -> list[Entry]:
        self._call("catalogue")
        return entries(category, tag, text)

    def catalogue_troubles(self) -> list[str]:
        return self.catalogue_trouble_list

    async def add(self, environment: str, order: Order) -> str:
        self._call("add", environment)
        self.orders.append(order)
        return f"{environment}: {order.name} is in the draft"

    async def changes(self, environment: str) -> AsyncIterator[EnvironmentStatus]:
        self._call("changes", environment)
        yield self.statuses[environment]
        queue = self.queue(environment)
        while True:
            change = await queue.get()
            if isinstance(change, Trouble):
                raise change
            self.statuses[environment] = change
            yield change

    def queue(self, environment: str) -> asyncio.Queue[EnvironmentStatus | Trouble]:
        """What `changes` of this environment tells next."""
        return self.changed.setdefault(environment, asyncio.Queue())

    def called(self, name: str) -> list[Call]:
        """The calls of this method, in order."""
        return [call for call in self.calls if call[0] == name]

    def _call(self, *call: str) -> None:
        self.calls.append(call)
        if call[0] in self.failures:
            raise self.failures[call[0]]

    def _guard(self, environment: str, component: str, name: str) -> None:
        status = self.statuses[environment]
        found = next(one for one in status.components if one.name == component)
        reason = action(name).guard(Selection(status, found))
        if reason is not None:
            raise Refusal(reason)
