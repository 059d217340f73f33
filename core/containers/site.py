"""What the steps of pods are given: the cluster they work on, opened when first needed, and the endpoints' book."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from core.containers.manifest import NAMESPACE
from core.kube import paths
from core.kube.access import Cluster
from core.kube.rows import ServiceRow
from core.model.allocation import EVERY_PORT, PortRoom
from core.model.declaration import Declaration
from core.model.endpoint import Endpoint, GatewayAddress


@dataclass(frozen=True, slots=True)
class Site:
    """A cluster of a declaration.

    `exists` is False while the cluster is not deployed: then `cluster` is not called, and nothing is there.
    `gateways` are the gateways' addresses now. `recorded` are the endpoints that were last given to `record`, by
    component; a component that left the declaration is recorded with none. `ports` is what the gateways have to give.
    """

    declaration: Declaration
    name: str
    cluster: Callable[[], Awaitable[Cluster]]
    exists: Callable[[], bool]
    gateways: Callable[[], Sequence[GatewayAddress]]
    recorded: Callable[[str], Sequence[Endpoint]]
    record: Callable[[str, Sequence[Endpoint]], None]
    ports: PortRoom = EVERY_PORT

    async def services(self) -> Sequence[ServiceRow]:
        """All services of the cluster, none while it does not exist."""
        if not self.exists():
            return ()
        cluster = await self.cluster()
        return await cluster.list(paths.collection("v1", "services"), ServiceRow)


def service_path(name: str) -> str:
    """Where a pod's service is kept."""
    return paths.item("v1", "services", NAMESPACE, name)
