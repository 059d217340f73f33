"""The pods behind a Service, with the ports that they give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.shape import Object

Ports = tuple[tuple[str, int, str], ...]
"""Name, number and protocol of each."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A pod with an address that a Service's selector picks. `open` says that it takes new connections."""

    pod: PodRow
    ports: Ports
    open: bool


def backends(service: Object, pods: Sequence[PodRow]) -> list[Backend]:
    """The pods that count, in the order of their names; those on their way out are no longer open."""
    always = bool(service["spec"].get("publishNotReadyAddresses"))
    return [
        Backend(pod, _resolved(service, pod), always or (pod.ready and not pod.leaving))
        for pod in sorted(pods, key=lambda each: each.name)
        if pod.status.pod_ip and not pod.finished
    ]


def by_ports(found: Sequence[Backend]) -> dict[Ports, list[Backend]]:
    """Backends by what they offer: pods may give the same port name different numbers."""
    groups: dict[Ports, list[Backend]] = {}
    for backend in found:
        groups.setdefault(backend.ports, []).append(backend)
    return groups


def target(backend: Backend) -> Object:
    """The reference to the pod that an endpoint carries."""
    pod = backend.pod
    return {"kind": "Pod", "name": pod.name, "namespace": pod.metadata.namespace, "uid": pod.uid}


def host_name(service: Object, backend: Backend) -> Mapping[str, str]:
    """The pod's own name under the Service, for a pod that asks for one."""
    spec = backend.pod.spec
    named = spec.hostname and spec.subdomain == service["metadata"]["name"]
    return {"hostname": spec.hostname} if named else {}


def _resolved(service: Object, pod: PodRow) -> Ports:
    return tuple(_each(service["spec"].get("ports") or (), pod))


def _each(ports: Sequence[Object], pod: PodRow) -> Iterator[tuple[str, int, str]]:
    for port in ports:
        protocol: str = port.get("protocol", "TCP")
        wanted: int | str = port.get("targetPort") or port["port"]
        number = wanted if isinstance(wanted, int) else _number(wanted, protocol, pod)
        if number:
            yield port.get("name", ""), number, protocol


def _number(name: str, protocol: str, pod: PodRow) -> int:
    ports = (port for container in pod.spec.containers for port in container.ports)
    return next((port.container_port for port in ports if (port.name, port.protocol) == (name, protocol)), 0)
