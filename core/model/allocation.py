"""Which port of the gateways each published port gets; pure, and the same for the same question.

All services of a cluster share the port space of its gateways, TCP and UDP apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from core.model.declaration import Declaration
from core.model.scope import Protocol, Scope

FIRST_FREE = 1025
LAST = 65535

RESERVED_TCP: dict[int, str] = {
    22: "SSH",
    179: "BGP (Calico)",
    2379: "etcd clients",
    2380: "etcd peers",
    6443: "Kubernetes API",
    9091: "Felix's metrics (Calico)",
    9098: "Typha's health (Calico)",
    9099: "Felix's health (Calico)",
    10248: "kubelet's health",
    10249: "kube-proxy's metrics",
    10250: "kubelet",
    10256: "kube-proxy's health",
    10257: "kube-controller-manager",
    10259: "kube-scheduler",
}
"""What listens on a cluster's machines beside HAProxy: no service is published under these numbers."""

RESERVED_UDP: dict[int, str] = {
    22: "SSH's number, kept free for both",
    68: "DHCP client",
    4789: "VXLAN (Calico)",
    8285: "Flannel over UDP",
    8472: "VXLAN (Flannel)",
    51820: "WireGuard (Calico)",
}

RESERVED: dict[Protocol, dict[int, str]] = {Protocol.TCP: RESERVED_TCP, Protocol.UDP: RESERVED_UDP}


class NoFreePort(ValueError):
    """Every port of the gateways is taken."""


@dataclass(frozen=True, slots=True)
class PortRoom:
    """What a provider's gateways have to give beside `RESERVED`: no port below `lowest`, none of `taken`."""

    lowest: int = 1
    taken: frozenset[int] = frozenset()

    def has(self, port: int, protocol: Protocol) -> bool:
        """Whether a port may be given at all."""
        return self.lowest <= port <= LAST and port not in RESERVED[protocol] and port not in self.taken


EVERY_PORT = PortRoom()


@dataclass(frozen=True, slots=True)
class PortKey:
    """A published port: what an allocation is remembered by, whatever its scope is now."""

    component: str
    application: str
    container_port: int
    protocol: Protocol


def published_ports(declaration: Declaration, cluster: str) -> tuple[PortKey, ...]:
    """The ports of a cluster's pods that need one on the gateways, in the document's order: all but host ports."""
    return tuple(
        PortKey(pod.name, application.name, port.port, port.protocol)
        for pod in declaration.pods(cluster)
        for application in pod.applications
        for port in application.ports
        if port.scope is not Scope.HOST
    )


def allocate(wanted: Iterable[PortKey], held: Mapping[PortKey, int], room: PortRoom = EVERY_PORT) -> dict[PortKey, int]:
    """The port of each wanted key: the one it holds, else its own number, else the first free one from 1025.

    A held port stays unless the room has it not or another key holds it, too; keys that are no longer wanted let
    theirs go.

    Raises:
        NoFreePort: a protocol has no port left.
    """
    keys = list(dict.fromkeys(wanted))
    allocated = _still_held(keys, held, room)
    taken = {(port, key.protocol) for key, port in allocated.items()}
    spare = {protocol: _free_ports(protocol, taken, room) for protocol in Protocol}
    for key in keys:
        if key not in allocated:
            allocated[key] = _pick(key, taken, spare[key.protocol], room)
            taken.add((allocated[key], key.protocol))
    return {key: allocated[key] for key in keys}


def _still_held(keys: Iterable[PortKey], held: Mapping[PortKey, int], room: PortRoom) -> dict[PortKey, int]:
    kept: dict[PortKey, int] = {}
    taken: set[tuple[int, Protocol]] = set()
    for key in keys:
        port = held.get(key)
        if port is not None and _usable(port, key.protocol, taken, room):
            kept[key] = port
            taken.add((port, key.protocol))
    return kept


def _pick(key: PortKey, taken: set[tuple[int, Protocol]], spare: Iterator[int], room: PortRoom) -> int:
    if _usable(key.container_port, key.protocol, taken, room):
        return key.container_port
    port = next(spare, None)
    if port is None:
        raise NoFreePort(
            f"no free {key.protocol} port is left on the gateways for port {key.container_port} of application"
            f" {key.application} in pod {key.component}: publish fewer ports"
        )
    return port


def _free_ports(protocol: Protocol, taken: set[tuple[int, Protocol]], room: PortRoom) -> Iterator[int]:
    """The usable ports from 1025 on, each looked at when it is asked for; `taken` only ever grows meanwhile."""
    return (port for port in range(FIRST_FREE, LAST + 1) if _usable(port, protocol, taken, room))


def _usable(port: int, protocol: Protocol, taken: set[tuple[int, Protocol]], room: PortRoom) -> bool:
    return room.has(port, protocol) and (port, protocol) not in taken
