"""The ways to clusters and machines, kept open for as long as the console runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.cluster.context import ROSTER, ClusterContext
from core.deployment.context import EnvironmentContext
from core.deployment.stored import deployed_far_enough, parsed
from core.engine.errors import Refusal, Trouble
from core.kube.access import Cluster
from core.kube.discovery import Kinds
from core.kube.reviews import Reviews
from core.live.objects import ClusterRef
from core.machines.access import Access
from core.machines.connection import Connection
from core.store.environments import EnvironmentRecord
from core.store.machines import MachineRecord
from core.store.store import Store

_VOTER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Way:
    """A cluster's API with what was learned about it: its kinds, and what we may do."""

    cluster: Cluster
    kinds: Kinds
    reviews: Reviews


class Reach(Protocol):
    """The ways to what runs; every method raises `Trouble` where there is none."""

    def clusters(self) -> Sequence[ClusterRef]: ...

    async def way(self, ref: ClusterRef) -> Way: ...

    async def machine(self, ref: ClusterRef, name: str) -> Connection: ...

    async def voter(self, ref: ClusterRef) -> Connection: ...

    async def access(self, ref: ClusterRef, name: str) -> Access: ...

    async def close(self) -> None: ...


class StoredReach:
    """The ways that the database knows of. An environment is opened with the first question about it; what changed in
    the database since is noticed with the next one. Nothing is looked up at the provider.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._contexts: dict[str, tuple[str, EnvironmentContext]] = {}
        self._machines: dict[str, list[MachineRecord]] = {}
        self._ways: dict[ClusterRef, Way] = {}

    def clusters(self) -> list[ClusterRef]:
        """The clusters of every environment that was deployed, of those whose documents this version understands."""
        return [ref for record in self._store.environments.list() for ref in _declared(record)]

    async def way(self, ref: ClusterRef) -> Way:
        """The cluster's API with our own rights.

        Raises:
            Refusal: it is not deployed far enough.
        """
        await self._context(ref)
        context = await self._environment(ref.environment)
        with deployed_far_enough(ref.cluster):
            cluster = await context.api(ref.cluster)()
        known = self._ways.get(ref)
        if known is None or known.cluster is not cluster:
            known = self._ways[ref] = Way(cluster, Kinds(cluster), Reviews(cluster))
        return known

    async def _context(self, ref: ClusterRef) -> ClusterContext:
        """The cluster's context from what is remembered; its machines are not looked at."""
        context = await self._environment(ref.environment)
        machines = self._store.machines.list(ref.environment)
        if not context.clusters or machines != self._machines.get(ref.environment):
            context.recall()
            self._machines[ref.environment] = machines
        found = context.clusters.get(ref.cluster)
        if found is None:
            raise Trouble(f"there is no cluster {ref.cluster}", where=ref.environment)
        return found

    async def machine(self, ref: ClusterRef, name: str) -> Connection:
        """The kept connection to a machine."""
        return await (await self._environment(ref.environment)).connections.get(name)

    async def voter(self, ref: ClusterRef) -> Connection:
        """A machine that can be asked about etcd: the control plane's, else the first voter that answers.

        Raises:
            Trouble: none of them answers, with what the last one said.
        """
        context = await self._context(ref)
        nodes = context.blueprint.layout.nodes
        roster = self._store.values.get(ref.environment, ref.cluster, ROSTER, [])
        trouble: Trouble = Trouble("it has no etcd yet", where=str(ref), fix="deploy the environment")
        for node in (nodes[0], *(node for node in nodes[1:] if node.name in roster)):
            try:
                connection = await self.machine(ref, node.name)
                await connection.wait(_VOTER_SECONDS)
            except Trouble as error:
                trouble = error
            else:
                return connection
        raise trouble

    async def access(self, ref: ClusterRef, name: str) -> Access:
        """How a machine is reached."""
        return (await self._environment(ref.environment)).ways.access(name)

    async def close(self) -> None:
        """Close every way."""
        contexts, self._contexts = self._contexts, {}
        self._ways.clear()
        await asyncio.gather(*(context.close() for _, context in contexts.values()))

    async def _environment(self, name: str) -> EnvironmentContext:
        record = self._store.environments.get(name)
        if record is None:
            raise Trouble(f"there is no environment {name}", fix="`gondolier environments` lists them")
        if record.document is None:
            raise Refusal("it has not been deployed yet", where=name, fix=f"`gondolier deploy {name}`")
        known = self._contexts.get(name)
        if known is not None and known[0] == record.document:
            return known[1]
        context = EnvironmentContext(self._store, parsed(record.document, name))
        self._contexts[name] = record.document, context
        if known is not None:
            await known[1].close()
        return context


def _declared(record: EnvironmentRecord) -> list[ClusterRef]:
    if record.document is None:
        return []
    try:
        declared = parsed(record.document, record.name)
    except Trouble:
        # Its own line in the list of environments says so.
        return []
    return [ClusterRef(record.name, cluster.name) for cluster in declared.clusters()]
