"""A node as the scheduler looks at it, and what its pods take of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from core.simulator.kubernetes.pods import MetaRow, PodRow
from core.simulator.kubernetes.shape import Key, quantity

_DEFAULT_PODS = 110


class TaintRow(msgspec.Struct, frozen=True, gc=False):
    """Keeps pods that do not bear it away."""

    key: str
    effect: str = ""
    value: str = ""


class NodeSpecRow(msgspec.Struct, frozen=True, gc=False):
    """What is wanted of a node."""

    unschedulable: bool = False
    taints: tuple[TaintRow, ...] = ()


class NodeStatusRow(msgspec.Struct, frozen=True, gc=False):
    """What a node can give to pods."""

    allocatable: dict[str, str] | None = None


class NodeRow(msgspec.Struct, frozen=True, gc=False):
    """A node; two are equal where nothing differs that scheduling depends on."""

    metadata: MetaRow
    spec: NodeSpecRow = NodeSpecRow()
    status: NodeStatusRow = NodeStatusRow()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def labels(self) -> dict[str, str]:
        return self.metadata.labels or {}


node_row = msgspec.json.Decoder(NodeRow).decode


def requests_of(pod: PodRow) -> dict[str, float]:
    """What a pod asks for: cores, bytes and whatever else nodes give."""
    total: dict[str, float] = {}
    for container in pod.spec.containers:
        for name, amount in (container.resources.requests or {}).items():
            total[name] = total.get(name, 0.0) + quantity(str(amount))
    return total


def host_ports(pod: PodRow) -> set[tuple[int, str]]:
    """The ports of its node that a pod takes."""
    ports = (port for container in pod.spec.containers for port in container.ports)
    return {(port.host_port, port.protocol) for port in ports if port.host_port}


@dataclass(slots=True)
class Room:
    """A node with the pods bound to it, and how much of it they take."""

    node: NodeRow | None = None
    pods: dict[Key, PodRow] = field(default_factory=dict)
    taken: dict[str, float] = field(default_factory=dict)

    def put(self, pod: PodRow) -> None:
        """A pod is bound here."""
        self.take(pod.key)
        self.pods[pod.key] = pod
        for name, amount in requests_of(pod).items():
            self.taken[name] = self.taken.get(name, 0.0) + amount

    def take(self, key: Key) -> None:
        """A pod is here no longer."""
        pod = self.pods.pop(key, None)
        for name, amount in requests_of(pod).items() if pod is not None else ():
            self.taken[name] -= amount

    def capacity(self, name: str) -> float:
        """How much of a resource there is at all."""
        given = (self.node.status.allocatable or {}) if self.node else {}
        if name == "pods" and name not in given:
            return _DEFAULT_PODS
        return quantity(str(given[name])) if name in given else 0.0

    def free(self, name: str) -> float:
        """How much of a resource is left."""
        taken = len(self.pods) if name == "pods" else self.taken.get(name, 0.0)
        return self.capacity(name) - taken
