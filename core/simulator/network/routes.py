"""What the network of a machine's cluster leads to: pods by their address, Services by theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from core.simulator.kubernetes.kubelet.images import short_name
from core.simulator.kubernetes.objects import Objects
from core.simulator.machine.ports import Handler
from core.simulator.network.answers import Served, datagram, handler
from core.simulator.network.names import Names, dns_handler
from core.simulator.network.rows import Node, Pod, Service, Slice

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine

_DNS = "coredns"


def open_pod_network(machine: Machine) -> None:
    """Let a machine reach pods, until its power goes."""
    route = PodRoute(machine)
    machine.ports.remove_route(route)
    machine.ports.add_route(route)


def cluster_of(machine: Machine) -> Objects | None:
    """The objects of the cluster whose node the machine is, None where it is none's."""
    for ensemble in machine.world.ensembles.values():
        raw = ensemble.objects.raw("nodes", "", machine.name)
        node = msgspec.json.decode(raw, type=Node) if raw else Node()
        if any(each.address == machine.address for each in node.status.addresses):
            return ensemble.objects
    return None


def pod_at(objects: Objects, address: str) -> Pod | None:
    """The running pod that has an address."""
    # Decoding thousands of pods for one of them would take longer than all else.
    mark = f'"{address}"'.encode()
    pods = (msgspec.json.decode(raw, type=Pod) for _, raw in objects.items("pods") if mark in raw)
    return next((pod for pod in pods if pod.status.pod_ip == address and pod.status.phase == "Running"), None)


@dataclass(frozen=True, eq=True)
class PodRoute:
    """The pod network as a machine's route: whoever listens in a running pod answers."""

    machine: Machine

    def __call__(self, host: str, port: int) -> Handler | None:
        objects, served = self._listener(host, port, "TCP")
        if objects is None or served is None:
            return None
        if short_name(served.image) == _DNS and port == 53:
            return dns_handler(Names(objects))
        return handler(served)

    def answer(self, host: str, port: int, question: bytes) -> bytes | None:
        """What a pod answers to a datagram, None where nobody listens."""
        objects, served = self._listener(host, port, "UDP")
        if objects is None or served is None:
            return None
        return Names(objects).answer(question) if short_name(served.image) == _DNS else datagram(served, question)

    def _listener(self, host: str, port: int, protocol: str) -> tuple[Objects | None, Served | None]:
        objects = cluster_of(self.machine)
        pod = pod_at(objects, host) if objects else None
        return objects, pod.at(port, protocol) if pod else None


@dataclass(frozen=True, eq=True)
class ServiceRoute:
    """Services' addresses as a machine's route: they lead to a ready endpoint, the next one each time."""

    machine: Machine

    def __call__(self, host: str, port: int) -> Handler | None:
        objects = cluster_of(self.machine)
        service = _service_at(objects, host) if objects else None
        if objects is None or service is None:
            return None
        found = targets(objects, service, port)
        turns: dict[tuple[str, str, int], int] = self.machine.world.shared.setdefault("turns", {})
        key = (self.machine.id, host, port)
        turns[key] = turns.get(key, -1) + 1
        return self.machine.world.reach(self.machine, *found[turns[key] % len(found)]) if found else None


def targets(objects: Objects, service: Service, port: int, protocol: str = "TCP") -> list[tuple[str, int]]:
    """The ready endpoints behind a Service's port."""
    names = {each.name for each in service.spec.ports if (each.port, each.protocol) == (port, protocol)}
    found: list[tuple[str, int]] = []
    for piece in objects.rows("endpointslices.discovery.k8s.io", Slice, service.metadata.namespace):
        if piece.metadata.labels.get("kubernetes.io/service-name") != service.metadata.name:
            continue
        numbers = [each.port for each in piece.ports or () if each.port and (each.name or "") in names]
        ready = (end for end in piece.endpoints or () if end.conditions.get("ready") is not False)
        found += [(end.addresses[0], number) for end in ready for number in numbers]
    return sorted(found)


def _service_at(objects: Objects, address: str) -> Service | None:
    services = objects.rows("services", Service)
    return next((service for service in services if service.spec.cluster_ip == address), None)
