"""Which ports and addresses a Docker host's applications get: held ones stay, others are the first free ones; pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

from core.containers.standalone import labels
from core.containers.standalone.wanted import Placed, published
from core.model.allocation import PortKey, PortRoom, allocate
from core.model.container import Application, ApplicationPort
from core.model.host import DockerStandaloneHost
from core.model.scope import Protocol


def placed(
    host: DockerStandaloneHost, held: Mapping[PortKey, int], addresses: Mapping[str, str], room: PortRoom
) -> dict[str, Placed]:
    """Where each application is, by name.

    `held` are ports that were given before, `addresses` those of containers that are there, by application.

    Raises:
        NoFreePort: the host has no port left.
    """
    keys = {
        _key(host.name, application, port): port for application in host.applications for port in published(application)
    }
    given = allocate(keys, held, room)
    names = [application.name for application in host.applications]
    places = _addresses(names, addresses)
    return {
        application.name: Placed(
            places[application.name],
            {port: given[_key(host.name, application, port)] for port in published(application)},
        )
        for application in host.applications
    }


def held_ports(host: str, containers: Iterable[Mapping[str, str]]) -> dict[PortKey, int]:
    """The ports that the host's containers were given, from their labels."""
    found: dict[PortKey, int] = {}
    for marks in containers:
        if labels.owner(marks) is not None:
            found |= _held(host, marks)
    return found


def _held(host: str, marks: Mapping[str, str]) -> dict[PortKey, int]:
    found: dict[PortKey, int] = {}
    for entry in filter(None, marks.get(labels.ALLOCATED, "").split(",")):
        number, _, port = entry.partition(":")
        inside, _, protocol = port.partition("/")
        key = PortKey(host, marks[labels.APPLICATION], int(inside), Protocol(protocol.upper()))
        found[key] = int(number)
    return found


def _key(host: str, application: Application, port: ApplicationPort) -> PortKey:
    return PortKey(host, application.name, port.port, port.protocol)


def _addresses(names: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    network = ipaddress.ip_network(labels.SUBNET)
    usable = [str(network[number]) for number in range(labels.FIRST_ADDRESS, network.num_addresses - 1)]
    kept = {name: known[name] for name in names if known.get(name) in usable}
    free = (address for address in usable if address not in set(known.values()))
    return {name: kept.get(name) or next(free) for name in names}
