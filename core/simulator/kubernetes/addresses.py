"""The addresses and node ports of Services."""

from __future__ import annotations

import ipaddress
import itertools
import random
from collections.abc import Iterator
from typing import Any

from core.simulator.kubernetes.errors import ApiError, invalid
from core.simulator.kubernetes.objects import Objects

Object = dict[str, Any]

NODE_PORTS = range(30000, 32768)
# The first part of the range is for addresses that are asked for (kubernetes.io, "Service ClusterIP allocation").
_RESERVED = 256


class ServiceAddresses:
    """Gives Services what they lack: a cluster address out of `cidr`, and node ports."""

    def __init__(self, objects: Objects, cidr: str) -> None:
        self._objects = objects
        self.network = ipaddress.ip_network(cidr)

    @property
    def first(self) -> str:
        """The address of the API itself."""
        return str(self.network.network_address + 1)

    def complete(self, service: Object, before: Object | None) -> None:
        """Fill in address and ports; those that the Service had before stay. ApiError 422 for what is not to be had."""
        spec = service.setdefault("spec", {})
        if spec.get("type") == "ExternalName":
            for key in ("clusterIP", "clusterIPs"):
                spec.pop(key, None)
            return
        old = (before or {}).get("spec", {})
        if not spec.get("clusterIP"):
            spec["clusterIP"] = old.get("clusterIP") or (spec.get("clusterIPs") or [""])[0] or self._free_address()
        elif spec["clusterIP"] != old.get("clusterIP"):
            self._check(service, old)
        spec["clusterIPs"] = [spec["clusterIP"]]
        if spec.get("type") in ("NodePort", "LoadBalancer"):
            self._add_ports(service, old)
        else:
            for port in spec.get("ports") or ():
                port.pop("nodePort", None)

    def _check(self, service: Object, old: Object) -> None:
        address, name = service["spec"]["clusterIP"], service["metadata"].get("name", "")
        if old.get("clusterIP") not in (None, "", "None") and old.get("type") != "ExternalName":
            cause = f'Invalid value: ["{address}"]: may not change once set'
            raise invalid("Service", "", name, [("spec.clusterIPs[0]", cause)])
        if address == "None":
            return
        text = f'Invalid value: ["{address}"]: failed to allocate IP {address}: '
        if not _is_inside(address, self.network):
            fault = "the provided network does not match the current range"
            raise invalid("Service", "", name, [("spec.clusterIPs", text + fault)])
        if address in self._addresses():
            raise invalid("Service", "", name, [("spec.clusterIPs", text + "provided IP is already allocated")])

    def _addresses(self) -> set[str]:
        return {str(each["spec"].get("clusterIP")) for each in self._objects.list("services")}

    def _free_address(self) -> str:
        taken, size = self._addresses(), self.network.num_addresses
        start = min(_RESERVED, size // 16)
        for _ in range(64):
            found = str(self.network.network_address + random.randrange(max(2, start), size - 1))
            if found not in taken:
                return found
        hosts = (str(self.network.network_address + offset) for offset in range(2, size - 1))
        found = next((address for address in itertools.islice(hosts, 1 << 20) if address not in taken), "")
        if not found:
            raise ApiError(500, "InternalError", "failed to allocate a serviceIP: range is full")
        return found

    def _add_ports(self, service: Object, old: Object) -> None:
        known = {(port.get("name"), port["port"]): port.get("nodePort") for port in old.get("ports") or ()}
        taken = self._node_ports(service)
        for index, port in enumerate(service["spec"].get("ports") or ()):
            given = port.get("nodePort") or known.get((port.get("name"), port.get("port")))
            if given in taken:
                text = f"Invalid value: {given}: provided port is already allocated"
                raise invalid("Service", "", service["metadata"]["name"], [(f"spec.ports[{index}].nodePort", text)])
            port["nodePort"] = given or next(_free(taken))
            taken.add(port["nodePort"])

    def _node_ports(self, service: Object) -> set[int]:
        own = (service["metadata"].get("namespace"), service["metadata"].get("name"))
        return {
            port["nodePort"]
            for each in self._objects.list("services")
            if (each["metadata"]["namespace"], each["metadata"]["name"]) != own
            for port in each["spec"].get("ports") or ()
            if port.get("nodePort")
        }


def _free(taken: set[int]) -> Iterator[int]:
    free = [port for port in NODE_PORTS if port not in taken]
    random.shuffle(free)
    if not free:
        raise ApiError(500, "InternalError", "failed to allocate a nodePort: range is full")
    return iter(free)


def _is_inside(address: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False
