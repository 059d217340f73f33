"""What a front end may ask of live clusters; `core.operations` answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from core.live.logs import LogQuery, LogRecord
from core.live.objects import ClusterRef, Kind, Right, Rights, Target
from core.live.operations import EditConflict, Finished, Forward, JournalEntry, JournalQuery, Progress, Replaced
from core.live.tables import LiveRow, SourceState, TableChanged, TableQuery, TableShape
from core.live.views import EtcdView, GatewayView, Reachability, Usage
from core.status import EndpointStatus

Arguments = Mapping[str, str | int | bool | None]


class Listing(Protocol):
    """A table that is kept current for as long as `changes` is read; `rows` is by key."""

    @property
    def query(self) -> TableQuery: ...

    @property
    def shape(self) -> TableShape: ...

    @property
    def rows(self) -> Mapping[str, LiveRow]: ...

    @property
    def sources(self) -> Sequence[SourceState]: ...

    def changes(self) -> AsyncIterator[TableChanged]:
        """What changes, at most ten times a second, without end; trouble is a source's state, never raised."""
        ...

    def retry(self) -> None:
        """Try lost sources again now."""
        ...


class Terminal(Protocol):
    """An interactive command in a container."""

    def output(self) -> AsyncIterator[bytes]:
        """What it writes, until it ends."""
        ...

    async def write(self, data: bytes) -> None: ...

    async def resize(self, columns: int, rows: int) -> None: ...

    @property
    def status(self) -> int | None:
        """The exit status, None before the end."""
        ...


class LiveApi(Protocol):
    """Everything that is asked of live clusters; nothing of it blocks the event loop.

    Raises (every method):
        Trouble: with a sentence; Refusal where it is not allowed.
    """

    async def close(self) -> None:
        """End the port-forwards and close every connection."""
        ...

    # What is there

    async def clusters(self) -> Sequence[ClusterRef]:
        """Every deployed cluster of every environment."""
        ...

    async def kinds(self, cluster: ClusterRef) -> Sequence[Kind]:
        """Every kind that the cluster serves and lists, custom resources included, by name."""
        ...

    async def namespaces(self, cluster: ClusterRef) -> Sequence[str]: ...

    def listing(self, query: TableQuery) -> AbstractAsyncContextManager[Listing]:
        """A table.

        Raises:
            Refusal: none of the clusters knows such a kind.
        """
        ...

    async def rights(self, wanted: Sequence[tuple[ClusterRef, Right]]) -> Rights:
        """The answers of access reviews, kept for a while; one that cannot be asked is left out."""
        ...

    def usage(self, cluster: ClusterRef) -> AsyncIterator[Usage]:
        """CPU and memory, again and again; where the cluster serves none, that is told once a while."""
        ...

    # One object

    async def describe(self, target: Target) -> str:
        """The essentials with events, as text."""
        ...

    async def yaml(self, target: Target, *, managed_fields: bool = False, reveal: bool = False) -> str:
        """The object as YAML; a Secret's values only with `reveal`, which an edit needs."""
        ...

    async def replace(self, target: Target, base: str, edited: str) -> Replaced | EditConflict:
        """Put back what `yaml` gave (`base`), edited.

        Raises:
            Refusal: the text is no such object, or the server does not accept it.
        """
        ...

    async def secret(self, target: Target) -> Mapping[str, str]:
        """A Secret's decoded values; what is no text is told as a count of bytes."""
        ...

    async def owners(self, target: Target) -> Sequence[Target]:
        """Its owners, the nearest first, up to the one that nobody owns; a pod's node is not among them."""
        ...

    async def used_by(self, target: Target) -> Sequence[Target]:
        """What uses it: pods of a config map, secret, claim, service or node, ingresses of a service, …"""
        ...

    async def rollout(self, target: Target) -> Sequence[str]:
        """A rollout's status and its revisions, a line each."""
        ...

    # Operations: ids of `core.actions`, each with a journal entry

    def perform(
        self, action: str, targets: Sequence[Target], arguments: Arguments | None = None
    ) -> AsyncIterator[Progress | Finished]:
        """Do it, and tell how it goes; the last thing told is `Finished`. Closing the iterator cancels it.

        Raises:
            Refusal: its guard says no, with the reason.
        """
        ...

    def command(self, action: str, targets: Sequence[Target], arguments: Arguments | None = None) -> str:
        """The command line that does the same."""
        ...

    # Streams

    def logs(self, query: LogQuery) -> AsyncIterator[Sequence[LogRecord]]:
        """Batches of records by time, then as they come; stops reading where nobody takes them."""
        ...

    def service_logs(
        self, cluster: ClusterRef, machine: str, unit: str, *, tail: int = 200, follow: bool = True
    ) -> AsyncIterator[Sequence[LogRecord]]:
        """The journal of a unit ("kubelet", "containerd", "etcd", "haproxy") on a machine."""
        ...

    def shell(
        self, target: Target, command: Sequence[str] = (), *, columns: int = 80, rows: int = 24
    ) -> AbstractAsyncContextManager[Terminal]:
        """An interactive command in a pod's container, a shell where none is given."""
        ...

    def attach(self, target: Target, *, columns: int = 80, rows: int = 24) -> AbstractAsyncContextManager[Terminal]:
        """The container's own main process."""
        ...

    async def forward(self, target: Target, remote: int, local: int = 0) -> Forward:
        """Lead a port of the loopback (any free one for 0) to a pod, or to a pod of a workload or service."""
        ...

    def forwards(self) -> Sequence[Forward]: ...

    async def stop_forward(self, id: int) -> None: ...

    async def reachability(self, endpoint: EndpointStatus) -> Reachability:
        """Whether an endpoint answers from this computer; it never raises."""
        ...

    # Machines

    async def ssh(self, cluster: ClusterRef, machine: str) -> Sequence[str]:
        """The command line of an SSH session: address, user, jump host, key, and a file with the pinned host key."""
        ...

    async def gateway(self, cluster: ClusterRef, machine: str) -> GatewayView: ...

    async def etcd(self, cluster: ClusterRef) -> EtcdView: ...

    # The journal, and read-only

    async def journal(self, query: JournalQuery) -> Sequence[JournalEntry]:
        """The entries, newest first."""
        ...

    async def export_journal(self, query: JournalQuery, path: Path) -> int:
        """Write the entries into a new file, JSON lines, oldest first; the answer is their count."""
        ...

    async def read_only(self, environment: str) -> bool: ...

    async def set_read_only(self, environment: str, on: bool) -> None: ...
