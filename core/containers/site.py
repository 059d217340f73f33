"""What the steps of pods are given: the cluster they work on, opened when first needed, and the endpoints' book."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from core.containers.lists import Lists
from core.containers.manifest import NAMESPACE
from core.containers.variables import Resolver, Surroundings, Variables
from core.kube import paths
from core.kube.access import Cluster
from core.kube.rows import ServiceRow
from core.model.allocation import EVERY_PORT, PortRoom
from core.model.declaration import Declaration
from core.model.endpoint import Endpoint, GatewayAddress
from core.model.pod import KubernetesPod


@dataclass(slots=True)
class Site:
    """A cluster of a declaration.

    `around` has the declaration and what its variables depend on; the endpoints that it knows are those last given to
    `record`, and a component that left the declaration is recorded with none. `exists` is False while the cluster is
    not deployed: then `cluster` is not called, and nothing is there. `gateways` are the gateways' addresses now, and
    `ports` is what they have to give. `lists` is for what the steps of all pods ask at the same time.
    """

    around: Surroundings
    name: str
    cluster: Callable[[], Awaitable[Cluster]]
    exists: Callable[[], bool]
    gateways: Callable[[], Sequence[GatewayAddress]]
    record: Callable[[str, Sequence[Endpoint]], None]
    ports: PortRoom = EVERY_PORT
    lists: Lists = field(init=False)

    def __post_init__(self) -> None:
        self.lists = Lists(self.cluster)

    @property
    def declaration(self) -> Declaration:
        """The document."""
        return self.around.declaration

    @property
    def recorded(self) -> Callable[[str], Sequence[Endpoint]]:
        """The endpoints of a component as they were last recorded."""
        return self.around.recorded

    def variables(self, pod: KubernetesPod, *, making: bool) -> Variables:
        """The values of the variables of a pod's applications; raises as `Resolver` does."""
        return Resolver(self.around, pod, making=making).all(pod.applications)

    async def services(self) -> Sequence[ServiceRow]:
        """All services of the cluster, none while it does not exist."""
        if not self.exists():
            return ()
        return await self.lists.rows(paths.collection("v1", "services"), ServiceRow)


def service_path(name: str) -> str:
    """Where a pod's service is kept."""
    return paths.item("v1", "services", NAMESPACE, name)
