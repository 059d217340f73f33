"""Where a pod's applications can be reached, from the services that are there and the gateways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.containers.ports import held_ports, is_ours, owner
from core.kube.rows import ServiceRow
from core.model.allocation import PortKey
from core.model.container import Application, ApplicationPort
from core.model.endpoint import Endpoint, GatewayAddress, PublishedPort, endpoints
from core.model.pod import KubernetesPod
from core.model.scope import Scope


def pod_endpoints(pod: KubernetesPod, live: Iterable[ServiceRow], gateways: Sequence[GatewayAddress]) -> list[Endpoint]:
    """The endpoints of all applications of a pod; a port whose service is not there yet has none."""
    mine = {owner(row)[1]: row for row in live if is_ours(row) and owner(row)[0] == pod.name}
    held = held_ports(mine.values())
    found: list[Endpoint] = []
    for application in pod.applications:
        row = mine.get(application.name)
        ports = [port for port in (_published(pod, application, each, held) for each in application.ports) if port]
        found += endpoints(pod.name, application.name, ports, row.spec.cluster_ip if row else None, gateways)
    return found


def _published(
    pod: KubernetesPod, application: Application, port: ApplicationPort, held: dict[PortKey, int]
) -> PublishedPort | None:
    if port.scope is Scope.HOST:
        return PublishedPort(port)
    allocated = held.get(PortKey(pod.name, application.name, port.port, port.protocol))
    return None if allocated is None else PublishedPort(port, allocated)


def endpoint_lines(found: Iterable[Endpoint]) -> str:
    """Endpoints as lines for a diff, sorted."""
    return "\n".join(
        sorted(
            f"{one.application} {one.address}:{one.port}/{one.protocol} {one.scope} (port {one.container_port},"
            f" asked for {one.port_scope})"
            for one in found
        )
    )
