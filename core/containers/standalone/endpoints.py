"""Where a Docker host's applications can be reached: on the host's own network, at the machine, from everywhere."""

from __future__ import annotations

from core.containers.standalone.wanted import Placed
from core.model.container import Application, ApplicationPort
from core.model.endpoint import Endpoint, GatewayAddress
from core.model.scope import Scope


def application_endpoints(
    host: str, application: Application, placed: Placed, machine: GatewayAddress
) -> list[Endpoint]:
    """The endpoints of one application, port by port, the widest scope first.

    Every port is at the container's address in host scope. One of scope `internal` has nothing wider, for a host is no
    cluster. A public port is at the floating address; where the machine has none, its own address is the public one.
    """
    return [
        Endpoint(host, application.name, address, number, scope, port.scope, port.port, port.protocol)
        for port in application.ports
        for scope, address, number in _places(port, placed, machine)
    ]


def _places(port: ApplicationPort, placed: Placed, machine: GatewayAddress) -> list[tuple[Scope, str, int]]:
    found = []
    if port.scope is Scope.PUBLIC:
        found.append((Scope.PUBLIC, machine.floating or machine.fixed, placed.ports[port]))
    if port.scope.includes(Scope.CLOUD):
        found.append((Scope.CLOUD, machine.fixed, placed.ports[port]))
    return [*found, (Scope.HOST, placed.address, port.port)]
