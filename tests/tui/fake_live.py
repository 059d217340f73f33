"""Live clusters with data instead of an API behind them; tests steer what they tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.engine.errors import Trouble
from core.live.api import Arguments
from core.live.logs import LogQuery, LogRecord
from core.live.objects import ClusterRef, Kind, Right, Rights, Target
from core.live.operations import EditConflict, Finished, Forward, JournalEntry, JournalQuery, Progress, Replaced
from core.live.tables import LiveRow, SourceState, TableChanged, TableQuery, TableShape
from core.live.views import EtcdView, GatewayView, Reachability, Usage
from core.status import EndpointStatus


@dataclass
class FakeListing:
    """A table of given rows; what is put into `coming` is what changes."""

    query: TableQuery
    shape: TableShape
    rows: dict[str, LiveRow] = field(default_factory=dict)
    sources: list[SourceState] = field(default_factory=list)
    coming: asyncio.Queue[TableChanged] = field(default_factory=asyncio.Queue)
    retried: int = 0

    async def changes(self) -> AsyncIterator[TableChanged]:
        yield TableChanged(rows=tuple(self.rows.values()), sources=True)
        while True:
            batch = await self.coming.get()
            self.rows |= {row.key: row for row in batch.rows}
            for key in batch.gone:
                self.rows.pop(key, None)
            yield batch

    def retry(self) -> None:
        self.retried += 1


@dataclass
class FakeTerminal:
    """Echoes what is written; `ending` ends it."""

    written: list[bytes] = field(default_factory=list)
    size: tuple[int, int] = (80, 24)
    status: int | None = None
    echo: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)

    async def output(self) -> AsyncIterator[bytes]:
        while (data := await self.echo.get()) is not None:
            yield data

    async def write(self, data: bytes) -> None:
        self.written.append(data)
        await self.echo.put(data)

    async def resize(self, columns: int, rows: int) -> None:
        self.size = (columns, rows)


@dataclass
class FakeLive:
    """Implements `core.live.api.LiveApi`; `failures` maps a method's name to the trouble that it raises."""

    cluster_list: list[ClusterRef] = field(default_factory=list)
    kind_list: list[Kind] = field(default_factory=list)
    listings: dict[str, FakeListing] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    answers: dict[tuple[ClusterRef, Right], str | None] = field(default_factory=dict)
    told: list[Progress | Finished] = field(default_factory=lambda: [Finished("done", 1, 0)])
    records: list[LogRecord] = field(default_factory=list)
    coming: asyncio.Queue[Sequence[LogRecord] | None] = field(default_factory=asyncio.Queue)
    entries: list[JournalEntry] = field(default_factory=list)
    edits: Replaced | EditConflict = field(default_factory=lambda: Replaced(""))
    views: dict[str, GatewayView | EtcdView | Usage] = field(default_factory=dict)
    forward_list: list[Forward] = field(default_factory=list)
    read_only_list: set[str] = field(default_factory=set)
    related: list[Target] = field(default_factory=list)
    reach: dict[str, Reachability] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    failures: dict[str, Trouble] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)

    async def close(self) -> None:
        self._call("close")

    async def clusters(self) -> Sequence[ClusterRef]:
        return self.cluster_list

    async def kinds(self, cluster: ClusterRef) -> Sequence[Kind]:
        self._call("kinds", cluster)
        return self.kind_list

    async def namespaces(self, cluster: ClusterRef) -> Sequence[str]:
        self._call("namespaces", cluster)
        return ["default", "kube-system"]

    @asynccontextmanager
    async def listing(self, query: TableQuery) -> AsyncIterator[FakeListing]:
        self._call("listing", query)
        yield self.listings[query.resource]

    async def rights(self, wanted: Sequence[tuple[ClusterRef, Right]]) -> Rights:
        self._call("rights")
        return Rights({one: self.answers.get(one) for one in wanted})

    async def usage(self, cluster: ClusterRef) -> AsyncIterator[Usage]:
        self._call("usage", cluster)
        found = self.views.get("usage", Usage(False, "no metrics"))
        assert isinstance(found, Usage)
        yield found

    async def describe(self, target: Target) -> str:
        self._call("describe", target)
        return self.texts.get("describe", "")

    async def yaml(self, target: Target, *, managed_fields: bool = False, reveal: bool = False) -> str:
        self._call("yaml", target)
        return self.texts.get("yaml", "")

    async def replace(self, target: Target, base: str, edited: str) -> Replaced | EditConflict:
        self._call("replace", target, base, edited)
        return self.edits

    async def secret(self, target: Target) -> Mapping[str, str]:
        self._call("secret", target)
        return self.values

    async def owners(self, target: Target) -> Sequence[Target]:
        self._call("owners", target)
        return self.related

    async def used_by(self, target: Target) -> Sequence[Target]:
        self._call("used_by", target)
        return self.related

    async def rollout(self, target: Target) -> Sequence[str]:
        self._call("rollout", target)
        return self.texts.get("rollout", "").splitlines()

    async def perform(
        self, action: str, targets: Sequence[Target], arguments: Arguments | None = None
    ) -> AsyncIterator[Progress | Finished]:
        self._call("perform", action, tuple(targets), arguments)
        for one in self.told:
            yield one

    def command(self, action: str, targets: Sequence[Target], arguments: Arguments | None = None) -> str:
        return f"kubectl {action} {' '.join(target.name for target in targets)}"

    async def logs(self, query: LogQuery) -> AsyncIterator[Sequence[LogRecord]]:
        self._call("logs", query)
        yield self.records
        while (batch := await self.coming.get()) is not None:
            yield batch

    async def service_logs(
        self, cluster: ClusterRef, machine: str, unit: str, *, tail: int = 200, follow: bool = True
    ) -> AsyncIterator[Sequence[LogRecord]]:
        self._call("service_logs", cluster, machine, unit)
        yield self.records

    @asynccontextmanager
    async def shell(
        self, target: Target, command: Sequence[str] = (), *, columns: int = 80, rows: int = 24
    ) -> AsyncIterator[FakeTerminal]:
        self._call("shell", target, tuple(command))
        yield FakeTerminal(size=(columns, rows))

    @asynccontextmanager
    async def attach(self, target: Target, *, columns: int = 80, rows: int = 24) -> AsyncIterator[FakeTerminal]:
        self._call("attach", target)
        yield FakeTerminal(size=(columns, rows))

    async def forward(self, target: Target, remote: int, local: int = 0) -> Forward:
        self._call("forward", target, remote, local)
        made = Forward(len(self.forward_list) + 1, target.cluster, target, local or 40001, remote, target.name, 0)
        self.forward_list.append(made)
        return made

    def forwards(self) -> Sequence[Forward]:
        return self.forward_list

    async def stop_forward(self, id: int) -> None:
        self._call("stop_forward", id)
        self.forward_list = [one for one in self.forward_list if one.id != id]

    async def ssh(self, cluster: ClusterRef, machine: str) -> Sequence[str]:
        self._call("ssh", cluster, machine)
        return ["ssh", machine]

    async def gateway(self, cluster: ClusterRef, machine: str) -> GatewayView:
        self._call("gateway", cluster, machine)
        found = self.views["gateway"]
        assert isinstance(found, GatewayView)
        return found

    async def etcd(self, cluster: ClusterRef) -> EtcdView:
        self._call("etcd", cluster)
        found = self.views["etcd"]
        assert isinstance(found, EtcdView)
        return found

    async def reachability(self, endpoint: EndpointStatus) -> Reachability:
        self._call("reachability", endpoint)
        return self.reach.get(endpoint.address, Reachability(True, 0.012, "answers in 12 ms"))

    async def journal(self, query: JournalQuery) -> Sequence[JournalEntry]:
        self._call("journal", query)
        return self.entries

    async def export_journal(self, query: JournalQuery, path: Path) -> int:
        self._call("export_journal", query, path)
        return len(self.entries)

    async def read_only(self, environment: str) -> bool:
        return environment in self.read_only_list

    async def set_read_only(self, environment: str, on: bool) -> None:
        self._call("set_read_only", environment, on)
        (self.read_only_list.add if on else self.read_only_list.discard)(environment)

    def called(self, name: str) -> list[tuple[object, ...]]:
        """The calls of this method, in order."""
        return [call for call in self.calls if call[0] == name]

    def _call(self, *call: object) -> None:
        self.calls.append(call)
        if str(call[0]) in self.failures:
            raise self.failures[str(call[0])]
