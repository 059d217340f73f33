"""Where an application can be reached, from inside its pod to the world; computed anew from what is there now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from core.model.container import ApplicationPort
from core.model.scope import Protocol, Scope

LOOPBACK = "127.0.0.1"


class Endpoint(msgspec.Struct, frozen=True):
    """An address and port to connect to.

    `scope` is who may use this endpoint, `port_scope` how far its port was asked to be visible, `container_port` what
    the container listens on.
    """

    component: str
    application: str
    address: str
    port: int
    scope: Scope
    port_scope: Scope
    container_port: int
    protocol: Protocol

    @property
    def place(self) -> str:
        """Address and port as one text."""
        return f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """The addresses of a gateway: the one on the machines' network and, where it has one, the floating one."""

    fixed: str
    floating: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A port as declared, with the port that was allocated to it.

    `allocated` is None for a port of host scope, which has no service; it is never None for any other.
    """

    declared: ApplicationPort
    allocated: int | None = None


def endpoints(
    component: str,
    application: str,
    ports: Iterable[PublishedPort],
    cluster_ip: str | None,
    gateways: Sequence[GatewayAddress],
) -> list[Endpoint]:
    """All endpoints of an application in a pod, port by port: internal, then each gateway's, then host.

    A public port is at each gateway's floating address; where no gateway has one (nspawn, inventory), the gateways'
    fixed addresses are the public ones.

    Raises:
        ValueError: a port that is wider than host scope has no allocated port, or there is no cluster IP for it.
    """
    found: list[Endpoint] = []
    for port in ports:
        declared = port.declared
        for scope, address, number in _places(port, cluster_ip, gateways):
            found.append(
                Endpoint(
                    component, application, address, number, scope, declared.scope, declared.port, declared.protocol
                )
            )
    return found


def _places(
    port: PublishedPort, cluster_ip: str | None, gateways: Sequence[GatewayAddress]
) -> list[tuple[Scope, str, int]]:
    declared, places = port.declared, []
    if declared.scope is not Scope.HOST:
        if port.allocated is None or cluster_ip is None:
            raise ValueError(f"port {declared.port}/{declared.protocol} of scope {declared.scope} has no service yet")
        places.append((Scope.INTERNAL, cluster_ip, port.allocated))
        for scope, address in _gateway_places(declared.scope, gateways):
            places.append((scope, address, port.allocated))
    places.append((Scope.HOST, LOOPBACK, declared.port))
    return places


def _gateway_places(scope: Scope, gateways: Sequence[GatewayAddress]) -> list[tuple[Scope, str]]:
    if not scope.includes(Scope.CLOUD):
        return []
    floating = any(gateway.floating for gateway in gateways)
    places: list[tuple[Scope, str]] = []
    for gateway in gateways:
        public = gateway.floating if floating else gateway.fixed
        places.append((Scope.CLOUD, gateway.fixed))
        if scope is Scope.PUBLIC and public:
            places.append((Scope.PUBLIC, public))
    return places


def closest_scope(*, same_pod: bool, same_cluster: bool) -> Scope:
    """The narrowest scope in which a caller can reach a target, by what they share."""
    if same_pod:
        return Scope.HOST
    return Scope.INTERNAL if same_cluster else Scope.CLOUD


def nearest(
    candidates: Iterable[Endpoint],
    closest: Scope,
    container_port: int,
    protocol: Protocol = Protocol.TCP,
    *,
    kept: str | None = None,
) -> Endpoint | None:
    """The narrowest endpoint of a container's port that is not narrower than `closest`, None where there is none.

    Of several in one scope it is the one whose place was `kept` from an earlier choice, else always the one with the
    smallest address: asking again gives the same, and another gateway changes nothing for whoever is connected.
    """
    fitting = [
        one
        for one in candidates
        if one.container_port == container_port and one.protocol is protocol and one.scope.includes(closest)
    ]
    return min(fitting, key=lambda one: (one.scope.width, one.place != kept, *_nearness(one)), default=None)


def _nearness(one: Endpoint) -> tuple[list[int], str, int, str, str]:
    numbers = [int(part) for part in one.address.split(".") if part.isdecimal()]
    return numbers, one.address, one.port, one.component, one.application
