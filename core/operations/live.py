"""Live clusters, as the console asks of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from core.live.api import Arguments, Listing, Terminal
from core.live.logs import LogQuery, LogRecord
from core.live.objects import ClusterRef, Kind, Right, Rights, Target
from core.live.operations import EditConflict, Finished, Forward, JournalEntry, JournalQuery, Progress, Replaced
from core.live.tables import TableQuery
from core.live.views import EtcdView, GatewayView, Usage
from core.store.store import Store


class Live:
    """Answers `core.live.api.LiveApi` for the environments of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    # What is there

    async def clusters(self) -> Sequence[ClusterRef]:
        raise NotImplementedError

    async def kinds(self, cluster: ClusterRef) -> Sequence[Kind]:
        raise NotImplementedError

    async def namespaces(self, cluster: ClusterRef) -> Sequence[str]:
        raise NotImplementedError

    def listing(self, query: TableQuery) -> AbstractAsyncContextManager[Listing]:
        raise NotImplementedError

    async def rights(self, wanted: Sequence[tuple[ClusterRef, Right]]) -> Rights:
        raise NotImplementedError

    def usage(self, cluster: ClusterRef) -> AsyncIterator[Usage]:
        raise NotImplementedError

    # One object

    async def describe(self, target: Target) -> str:
        raise NotImplementedError

    async def yaml(self, target: Target, *, managed_fields: bool = False) -> str:
        raise NotImplementedError

    async def replace(self, target: Target, base: str, edited: str) -> Replaced | EditConflict:
        raise NotImplementedError

    async def secret(self, target: Target) -> Mapping[str, str]:
        raise NotImplementedError

    async def owners(self, target: Target) -> Sequence[Target]:
        raise NotImplementedError

    async def used_by(self, target: Target) -> Sequence[Target]:
        raise NotImplementedError

    async def rollout(self, target: Target) -> Sequence[str]:
        raise NotImplementedError

    # Operations: ids of `core.actions`, each with a journal entry

    def perform(
        self, action: str, targets: Sequence[Target], arguments: Arguments | None = None
    ) -> AsyncIterator[Progress | Finished]:
        raise NotImplementedError

    def command(self, action: str, targets: Sequence[Target], arguments: Arguments | None = None) -> str:
        raise NotImplementedError

    # Streams

    def logs(self, query: LogQuery) -> AsyncIterator[Sequence[LogRecord]]:
        raise NotImplementedError

    def service_logs(
        self, cluster: ClusterRef, machine: str, unit: str, *, tail: int = 200, follow: bool = True
    ) -> AsyncIterator[Sequence[LogRecord]]:
        raise NotImplementedError

    def shell(
        self, target: Target, command: Sequence[str] = (), *, columns: int = 80, rows: int = 24
    ) -> AbstractAsyncContextManager[Terminal]:
        raise NotImplementedError

    def attach(self, target: Target, *, columns: int = 80, rows: int = 24) -> AbstractAsyncContextManager[Terminal]:
        raise NotImplementedError

    async def forward(self, target: Target, remote: int, local: int = 0) -> Forward:
        raise NotImplementedError

    def forwards(self) -> Sequence[Forward]:
        raise NotImplementedError

    async def stop_forward(self, id: int) -> None:
        raise NotImplementedError

    # Machines

    async def ssh(self, cluster: ClusterRef, machine: str) -> Sequence[str]:
        raise NotImplementedError

    async def gateway(self, cluster: ClusterRef, machine: str) -> GatewayView:
        raise NotImplementedError

    async def etcd(self, cluster: ClusterRef) -> EtcdView:
        raise NotImplementedError

    # The journal, and read-only

    async def journal(self, query: JournalQuery) -> Sequence[JournalEntry]:
        raise NotImplementedError

    async def export_journal(self, query: JournalQuery, path: Path) -> int:
        raise NotImplementedError

    async def read_only(self, environment: str) -> bool:
        raise NotImplementedError

    async def set_read_only(self, environment: str, on: bool) -> None:
        raise NotImplementedError
