"""The networks of an engine, and the addresses in them."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

from core.simulator.docker.errors import EngineError, no_such
from core.simulator.docker.records import Body, Container, Network, Place, new_id

PREDEFINED = {"bridge": ("bridge", "172.17.0.0/16"), "host": ("host", ""), "none": ("null", "")}
"""The networks that every engine has: driver and subnet."""

_POOL = [f"172.{number}.0.0/16" for number in range(18, 32)]


class Networks:
    """Networks by name."""

    def __init__(self, kept: list[Network], now: float, changed: Callable[[], None]) -> None:
        self.all = {network.name: network for network in kept}
        self._changed = changed
        for name, (driver, subnet) in PREDEFINED.items():
            self.all.setdefault(name, Network(new_id(), name, now, driver, subnet))

    def find(self, name: str) -> Network:
        """By name or identity, or the beginning of it. Raises `EngineError` 404."""
        found = self.all.get(name)
        found = found or next((each for each in self.all.values() if len(name) > 3 and each.id.startswith(name)), None)
        if found is None:
            raise no_such("network", name)
        return found

    def create(self, body: Body, now: float) -> Network:
        """Make a network with the subnet that is asked for, or the next free one."""
        name = str(body.get("Name") or "")
        if not name:
            raise EngineError(400, "invalid network name: name is empty")
        if name in self.all:
            raise EngineError(409, f"network with name {name} already exists")
        pools = (body.get("IPAM") or {}).get("Config") or []
        subnet = str(pools[0]["Subnet"]) if pools and pools[0].get("Subnet") else self._free()
        self._check(subnet)
        network = Network(new_id(), name, now, body.get("Driver") or "bridge", subnet, body.get("Labels") or {})
        self.all[name] = network
        self._changed()
        return network

    def remove(self, name: str, containers: Iterable[Container]) -> Network:
        """Raises `EngineError` where it is predefined or somebody is in it."""
        network = self.find(name)
        if network.name in PREDEFINED:
            raise EngineError(403, f"{network.name} is a pre-defined network and cannot be removed")
        if any(network.name in each.places and each.running for each in containers):
            text = f"network {network.name} id {network.id} has active endpoints"
            raise EngineError(403, f"error while removing network: {text}")
        del self.all[network.name]
        self._changed()
        return network

    def settle(self, container: Container, others: Iterable[Container]) -> None:
        """Give a container its addresses. Raises `EngineError` where one is another's."""
        taken: dict[str, set[str]] = {}
        for other in others:
            if other.running and other is not container:
                for name, place in other.places.items():
                    taken.setdefault(name, set()).add(place.address)
        for name, place in container.places.items():
            place.address = _address(self.find(name), place, taken.get(name, set()))

    def _free(self) -> str:
        used = {network.subnet for network in self.all.values()}
        found = next((subnet for subnet in _POOL if subnet not in used), None)
        if found is None:
            raise EngineError(500, "all predefined address pools have been fully subnetted")
        return found

    def _check(self, subnet: str) -> None:
        try:
            wanted = ipaddress.IPv4Network(subnet)
        except ValueError as error:
            raise EngineError(400, f"invalid subnet {subnet}: {error}") from error
        known = (ipaddress.IPv4Network(each.subnet) for each in self.all.values() if each.subnet)
        if any(wanted.overlaps(each) for each in known):
            raise EngineError(403, "Pool overlaps with other one on this address space")


def _address(network: Network, place: Place, taken: set[str]) -> str:
    if not network.subnet:
        return ""
    subnet = ipaddress.IPv4Network(network.subnet)
    if place.asked:
        if ipaddress.IPv4Address(place.asked) not in subnet:
            raise EngineError(400, f"no configured subnet contains IP address {place.asked}")
        if place.asked in taken:
            raise EngineError(403, "Address already in use")
        return place.asked
    hosts = subnet.hosts()
    next(hosts)  # the host itself
    return next(str(host) for host in hosts if str(host) not in taken)


def gateway_of(network: Network) -> str:
    """The host's own address in a network."""
    return str(ipaddress.IPv4Network(network.subnet)[1]) if network.subnet else ""
