"""Kubernetes objects as rows, as far as the network is concerned."""

from __future__ import annotations

import msgspec

from core.simulator.kubernetes.kubelet.images import behaviour
from core.simulator.network.answers import Served


class Metadata(msgspec.Struct):
    """Whose it is."""

    name: str
    namespace: str = ""


class ContainerPort(msgspec.Struct, rename="camel"):
    """A port that a container says it has."""

    container_port: int
    protocol: str = "TCP"


class Container(msgspec.Struct):
    """A container of a pod."""

    name: str
    image: str = ""
    ports: list[ContainerPort] = []

    def listens(self, port: int, protocol: str) -> bool:
        """Whether it answers at a port; what images listen on is known for TCP only."""
        if (port, protocol) in {(each.container_port, each.protocol) for each in self.ports}:
            return True
        known = behaviour(self.image).ports
        return protocol == "TCP" and (port in known or not (known or self.ports))


class PodSpec(msgspec.Struct):
    """What a pod is made of."""

    containers: list[Container]


class PodStatus(msgspec.Struct):
    """How a pod is."""

    pod_ip: str = msgspec.field(default="", name="podIP")
    phase: str = ""


class Pod(msgspec.Struct):
    """A pod, as far as the network is concerned."""

    metadata: Metadata
    spec: PodSpec
    status: PodStatus = msgspec.field(default_factory=PodStatus)

    def at(self, port: int, protocol: str = "TCP") -> Served | None:
        """Who listens at a port: a container that says so, or whose image is known to, or of which nothing is known."""
        for container in self.spec.containers:
            if container.listens(port, protocol):
                return Served(container.name, self.metadata.name, container.image)
        return None


class SliceEndpoint(msgspec.Struct):
    """Where a Service leads to."""

    addresses: list[str]
    conditions: dict[str, bool | None] = {}


class SlicePort(msgspec.Struct):
    """A port of those endpoints."""

    port: int | None = None
    name: str | None = ""
    protocol: str | None = "TCP"


class SliceMetadata(msgspec.Struct):
    """Which Service it is of, among the labels."""

    namespace: str
    labels: dict[str, str] = {}


class Slice(msgspec.Struct):
    """An EndpointSlice."""

    metadata: SliceMetadata
    endpoints: list[SliceEndpoint] | None = None
    ports: list[SlicePort] | None = None


class ServicePort(msgspec.Struct):
    """A port of a Service."""

    port: int
    name: str = ""
    protocol: str = "TCP"


class ServiceSpec(msgspec.Struct):
    """What a Service offers."""

    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    ports: list[ServicePort] = []


class Service(msgspec.Struct):
    """A Service."""

    metadata: Metadata
    spec: ServiceSpec = msgspec.field(default_factory=ServiceSpec)


class NodeAddress(msgspec.Struct):
    """An address of a node."""

    type: str
    address: str


class NodeStatus(msgspec.Struct):
    """A node's addresses."""

    addresses: list[NodeAddress] = []


class Node(msgspec.Struct):
    """A node."""

    status: NodeStatus = msgspec.field(default_factory=NodeStatus)
