"""Services of a cluster's pods: their names and ports, kept from one deployment to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.containers.manifest import (
    APPLICATION,
    ID,
    MANAGED_BY,
    MANAGER,
    NOT_PUBLISHED,
    PUBLISH,
    Manifest,
    has_service,
    service,
    service_name,
)
from core.engine.errors import Refusal
from core.kube.rows import ServiceRow
from core.model.allocation import EVERY_PORT, NoFreePort, PortKey, PortRoom, allocate, published_ports
from core.model.container import Application, ApplicationPort
from core.model.declaration import Declaration
from core.model.pod import KubernetesPod
from core.model.scope import Protocol, Scope

_PROTOCOLS = {str(protocol): protocol for protocol in Protocol}


@dataclass(frozen=True, slots=True)
class WantedService:
    """A Service that shall exist, and the one that is there for the same application."""

    application: str
    manifest: Manifest
    live: ServiceRow | None


def is_ours(row: ServiceRow) -> bool:
    """Whether a service belongs to an application of ours."""
    marks = row.metadata.labels
    return marks.get(MANAGED_BY) == MANAGER and ID in marks and APPLICATION in marks


def owner(row: ServiceRow) -> tuple[str, str]:
    """Pod and application of a service of ours."""
    return row.metadata.labels[ID], row.metadata.labels[APPLICATION]


def wanted_services(
    declaration: Declaration,
    cluster: str,
    pod: KubernetesPod,
    live: Sequence[ServiceRow],
    room: PortRoom = EVERY_PORT,
) -> list[WantedService]:
    """The services of a pod: a service that is there keeps its name, a port that is allocated stays.

    `live` are all services of the cluster, of all namespaces: what others publish on the gateways is not given away.
    `room` is what the gateways have to give.

    Raises:
        Refusal: the gateways have no port left.
    """
    ports = _allocated(declaration, cluster, live, room)
    there = {owner(row): row for row in live if is_ours(row)}
    names = _names(declaration, cluster, live)
    found = []
    for application in pod.applications:
        if has_service(application):
            key = (pod.name, application.name)
            mine = _ports_of(pod.name, application, ports)
            found.append(WantedService(application.name, service(pod, application, names[key], mine), there.get(key)))
    return found


def leftovers(pod: KubernetesPod, live: Iterable[ServiceRow]) -> list[ServiceRow]:
    """Services of the pod whose application left it, or needs none any more."""
    wanted = {application.name for application in pod.applications if has_service(application)}
    mine = (row for row in live if is_ours(row) and owner(row)[0] == pod.name)
    return [row for row in mine if owner(row)[1] not in wanted]


def held_ports(live: Iterable[ServiceRow]) -> dict[PortKey, int]:
    """The ports that services of ours have now."""
    return {
        PortKey(*owner(row), int(port.target_port), _PROTOCOLS[port.protocol]): port.port
        for row in live
        if is_ours(row)
        for port in row.spec.ports
        if port.protocol in _PROTOCOLS and str(port.target_port).isdecimal()
    }


def _allocated(
    declaration: Declaration, cluster: str, live: Sequence[ServiceRow], room: PortRoom
) -> dict[PortKey, int]:
    others = _foreign_ports(live)
    # Those of others come last: a port that is ours already stays ours.
    wanted = (*published_ports(declaration, cluster), *others)
    try:
        return allocate(wanted, others | held_ports(live), room)
    except NoFreePort as error:
        raise Refusal(str(error), where=cluster) from None


def _foreign_ports(live: Iterable[ServiceRow]) -> dict[PortKey, int]:
    """What the gateways publish for services that are not ours."""
    found: dict[PortKey, int] = {}
    for row in live:
        if not is_ours(row):
            name = f"{row.metadata.namespace}/{row.metadata.name}"
            for number, protocol in _published(row):
                found[PortKey("", name, number, protocol)] = number
    return found


def _published(row: ServiceRow) -> list[tuple[int, Protocol]]:
    """The ports that the gateway's agent publishes for a service: its annotation, else all of a plain one."""
    ports = [(port.port, _PROTOCOLS[port.protocol]) for port in row.spec.ports if port.protocol in _PROTOCOLS]
    asked = row.metadata.annotations.get(PUBLISH)
    if asked is not None:
        return [(port, protocol) for port, protocol in ports if f"{port}/{protocol}" in _words(asked)]
    plain = row.metadata.namespace == "default" and row.metadata.name != "kubernetes"
    return ports if plain and row.spec.type != "ExternalName" and row.spec.cluster_ip != "None" else []


def _words(text: str) -> set[str]:
    words = {word.strip(' "[]').upper() for word in text.split(",")} - {"", NOT_PUBLISHED.upper()}
    return {word if "/" in word else f"{word}/TCP" for word in words}


def _ports_of(pod: str, application: Application, ports: Mapping[PortKey, int]) -> dict[ApplicationPort, int]:
    return {
        port: ports[PortKey(pod, application.name, port.port, port.protocol)]
        for port in application.ports
        if port.scope is not Scope.HOST
    }


def _names(declaration: Declaration, cluster: str, live: Iterable[ServiceRow]) -> dict[tuple[str, str], str]:
    """A name for each application with a service: the one it has, else one that no other has."""
    names = {owner(row): row.metadata.name for row in live if is_ours(row)}
    taken = {row.metadata.name for row in live if row.metadata.namespace == "default"}
    for pod in declaration.pods(cluster):
        for application in pod.applications:
            key = (pod.name, application.name)
            if key not in names:
                plain = service_name(*key)
                names[key] = plain if plain not in taken else service_name(*key, unique=False)
                taken.add(names[key])
    return names
