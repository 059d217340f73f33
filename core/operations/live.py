"""Live clusters, as the console asks of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing, asynccontextmanager
from pathlib import Path

from core.actions import action
from core.engine.errors import Refusal
from core.kube import rollout
from core.kube.access import Cluster
from core.kube.describe.describing import describe
from core.kube.kinds import NAMESPACE, SECRET, known_kind
from core.kube.listing import Listing
from core.kube.log_streams import Wanted, followed, recorded
from core.kube.metrics import usages
from core.kube.objects import read, read_yaml, replace_yaml, secret_values
from core.kube.paths import collection
from core.kube.port_forward import Forwards
from core.kube.relations import owners, used_by
from core.kube.rows import AnyRow
from core.kube.terminal import PodTerminal, open_attached, open_shell
from core.live.api import Arguments
from core.live.logs import LogQuery, LogRecord
from core.live.objects import ClusterRef, Kind, Right, Rights, Target
from core.live.operations import EditConflict, Finished, Forward, JournalEntry, JournalQuery, Progress, Replaced
from core.live.tables import TableQuery
from core.live.views import EtcdView, GatewayView, Reachability, Usage
from core.operations.commands import command_line
from core.operations.endpoints import reachability
from core.operations.etcd import etcd_view
from core.operations.gateway import gateway_view
from core.operations.journal import Journal, Open
from core.operations.log_groups import groups
from core.operations.machines import ssh_command, unit_log
from core.operations.performing import READ_ONLY, Performing, review
from core.operations.reach import Reach, StoredReach
from core.status import EndpointStatus
from core.store.store import Store

_NANO = 10**9


class Live:
    """Answers `core.live.api.LiveApi` for the environments of a store; opened with the first question."""

    def __init__(self, store: Store, reach: Reach | None = None) -> None:
        self._store = store
        self._reach = reach or StoredReach(store)
        self._journal = Journal(store)
        self._performing = Performing(store, self._reach, self._journal)
        self._forwards = Forwards(self._cluster)

    async def close(self) -> None:
        """End the port-forwards and close every connection."""
        await self._forwards.close()
        await self._reach.close()

    # What is there

    async def clusters(self) -> Sequence[ClusterRef]:
        return self._reach.clusters()

    async def kinds(self, cluster: ClusterRef) -> Sequence[Kind]:
        return await (await self._reach.way(cluster)).kinds.all()

    async def namespaces(self, cluster: ClusterRef) -> Sequence[str]:
        path = collection(NAMESPACE.version, NAMESPACE.resource)
        rows = await (await self._reach.way(cluster)).cluster.list(path, AnyRow)
        return sorted(row.metadata.name for row in rows)

    @asynccontextmanager
    async def listing(self, query: TableQuery) -> AsyncIterator[Listing]:
        kind = known_kind(query.resource) or await self._found_kind(query)
        async with Listing(query, kind, self._opened).running() as listing:
            yield listing

    async def rights(self, wanted: Sequence[tuple[ClusterRef, Right]]) -> Rights:
        return await review(self._reach, wanted)

    async def usage(self, cluster: ClusterRef) -> AsyncGenerator[Usage, None]:
        way = await self._reach.way(cluster)
        async with aclosing(usages(way.cluster)) as looks:
            async for look in looks:
                yield look

    # One object

    async def describe(self, target: Target) -> str:
        return await describe(await self._cluster(target), target)

    async def yaml(self, target: Target, *, managed_fields: bool = False, reveal: bool = False) -> str:
        return await read_yaml(await self._cluster(target), target, managed_fields=managed_fields, reveal=reveal)

    async def replace(self, target: Target, base: str, edited: str) -> Replaced | EditConflict:
        await self._allowed("edit", [target])
        with self._entry("edit", target) as entry:
            answer = await replace_yaml(await self._cluster(target), target, base, edited)
            if isinstance(answer, EditConflict):
                entry.errors.append(answer.message)
                entry.text = f"{target} was changed by someone else meanwhile"
            else:
                entry.text = f"{target} is changed"
        return answer

    async def secret(self, target: Target) -> Mapping[str, str]:
        if target.kind != SECRET:
            raise Refusal(f"{target} is no Secret")
        with self._entry("reveal", target) as entry:
            values = secret_values(await read(await self._cluster(target), target))
            entry.text = f"the values of {target} were shown"
        return values

    async def owners(self, target: Target) -> Sequence[Target]:
        way = await self._reach.way(target.cluster)
        return await owners(way.cluster, target, way.kinds)

    async def used_by(self, target: Target) -> Sequence[Target]:
        return await used_by(await self._cluster(target), target)

    async def rollout(self, target: Target) -> Sequence[str]:
        return await rollout.status_lines(await self._cluster(target), target)

    # Operations

    async def perform(
        self, action: str, targets: Sequence[Target], arguments: Arguments | None = None
    ) -> AsyncGenerator[Progress | Finished, None]:
        async with aclosing(self._performing.perform(action, targets, arguments or {})) as told:
            async for one in told:
                yield one

    def command(self, action: str, targets: Sequence[Target], arguments: Arguments | None = None) -> str:
        return command_line(action, targets, arguments)

    # Streams

    async def logs(self, query: LogQuery) -> AsyncGenerator[Sequence[LogRecord], None]:
        found = await groups(self._reach, query)
        since = None if query.since is None else int((time.time() - query.since) * _NANO)
        wanted = Wanted(query.container, since, query.tail)
        following = query.follow and not query.previous
        batches = followed(found, wanted) if following else recorded(found, wanted, previous=query.previous)
        async with aclosing(batches):
            async for batch in batches:
                yield batch

    async def service_logs(
        self, cluster: ClusterRef, machine: str, unit: str, *, tail: int = 200, follow: bool = True
    ) -> AsyncGenerator[Sequence[LogRecord], None]:
        connection = await self._reach.machine(cluster, machine)
        async with aclosing(unit_log(connection, cluster, unit, tail=tail, follow=follow)) as batches:
            async for batch in batches:
                yield batch

    @asynccontextmanager
    async def shell(
        self, target: Target, command: Sequence[str] = (), *, columns: int = 80, rows: int = 24
    ) -> AsyncIterator[PodTerminal]:
        await self._allowed("shell", [target])
        with self._entry("shell", target):
            cluster = await self._cluster(target)
            async with open_shell(cluster, target, command, columns=columns, rows=rows) as terminal:
                yield terminal

    @asynccontextmanager
    async def attach(self, target: Target, *, columns: int = 80, rows: int = 24) -> AsyncIterator[PodTerminal]:
        await self._allowed("attach", [target])
        with self._entry("attach", target):
            async with open_attached(await self._cluster(target), target, columns=columns, rows=rows) as terminal:
                yield terminal

    async def forward(self, target: Target, remote: int, local: int = 0) -> Forward:
        await self._allowed("forward", [target])
        with self._entry("forward", target, {"remote": remote, "local": local}) as entry:
            made = await self._forwards.add(target, remote, local)
            entry.text = f"127.0.0.1:{made.local} leads to port {remote} of {target}"
        return made

    def forwards(self) -> Sequence[Forward]:
        return self._forwards.list()

    async def stop_forward(self, id: int) -> None:
        await self._forwards.stop(id)

    async def reachability(self, endpoint: EndpointStatus) -> Reachability:
        return await reachability(endpoint)

    # Machines

    async def ssh(self, cluster: ClusterRef, machine: str) -> Sequence[str]:
        access = await self._reach.access(cluster, machine)
        known_hosts = self._store.home / "ssh" / f"{cluster.environment}-{machine}.known_hosts"
        command = ssh_command(access, known_hosts)
        place = {"environment": cluster.environment, "cluster": cluster.cluster}
        with self._journal.entry("ssh", **place, subject=machine, command=f"ssh {access.user}@{access.address}"):
            return command

    async def gateway(self, cluster: ClusterRef, machine: str) -> GatewayView:
        return await gateway_view(await self._reach.machine(cluster, machine))

    async def etcd(self, cluster: ClusterRef) -> EtcdView:
        return await etcd_view(await self._reach.voter(cluster))

    # The journal, and read-only

    async def journal(self, query: JournalQuery) -> Sequence[JournalEntry]:
        return await asyncio.to_thread(self._journal.find, query)

    async def export_journal(self, query: JournalQuery, path: Path) -> int:
        return await asyncio.to_thread(self._journal.export, query, path)

    async def read_only(self, environment: str) -> bool:
        return environment in self._performing.read_only()

    async def set_read_only(self, environment: str, on: bool) -> None:
        word = "read-only" if on else "writable"
        with self._journal.entry("read-only", environment=environment, subject=environment) as entry:
            self._store.values.set(environment, "", READ_ONLY, on)
            entry.text = f"environment {environment} is {word}"

    # Looking things up

    async def _opened(self, ref: ClusterRef) -> Cluster:
        return (await self._reach.way(ref)).cluster

    async def _cluster(self, target: Target) -> Cluster:
        return await self._opened(target.cluster)

    async def _found_kind(self, query: TableQuery) -> Kind:
        """A kind that only a cluster can know; the first that does tells it, one that is away holds nothing up."""
        answers = await asyncio.gather(
            *(self._kind_in(ref, query.resource) for ref in query.clusters), return_exceptions=True
        )
        found = next((answer for answer in answers if isinstance(answer, Kind)), None)
        if found is not None:
            return found
        trouble = next((answer for answer in answers if isinstance(answer, BaseException)), None)
        raise trouble or Refusal(f"no cluster was named to look for {query.resource} in")

    async def _kind_in(self, ref: ClusterRef, name: str) -> Kind:
        return await (await self._reach.way(ref)).kinds.find(name)

    async def _allowed(self, name: str, targets: Sequence[Target]) -> None:
        await self._performing.refuse(action(name), targets)

    def _entry(self, name: str, target: Target, arguments: Arguments | None = None) -> AbstractContextManager[Open]:
        return self._journal.entry(
            name,
            environment=target.cluster.environment,
            cluster=target.cluster.cluster,
            subject=str(target),
            command=command_line(name, [target], arguments),
        )
