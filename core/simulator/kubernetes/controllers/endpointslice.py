"""EndpointSlices: the addresses behind every Service that has a selector, a hundred to a slice.

Rules: k8s.io/endpointslice (reconciler.go, utils.go).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.backends import Backend, Ports, backends, by_ports, host_name, target
from core.simulator.kubernetes.controllers.changes import Change, Create, Delete, Update
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.shape import (
    Object,
    headed,
    key_of,
    labels_of,
    leaving,
    owner_reference,
    safe_hash,
    uid_of,
)

RESOURCE = "endpointslices.discovery.k8s.io"
SERVICE = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"

_LARGEST = 100


def reconcile(service: Object, slices: Sequence[Object], pods: Sequence[PodRow], now: float) -> Iterator[Change]:
    """`slices` are those that the Service owns, `pods` those that its selector picks."""
    if leaving(service) or not service["spec"].get("selector"):
        return
    wanted = [*_contents(service, pods)]
    free = [found for found in sorted(slices, key=_name) if labels_of(found).get(MANAGED_BY) == MANAGER]
    for number, content in enumerate(wanted):
        if number >= len(free):
            yield Create(RESOURCE, _new(service, content, f"{now}/{number}"))
        elif any(free[number].get(part) != value for part, value in content.items()):
            yield Update(RESOURCE, free[number] | content)
    for surplus in free[len(wanted) :]:
        yield Delete(RESOURCE, key_of(surplus), uid_of(surplus))


def _name(found: Object) -> tuple[str, str]:
    return str(found["metadata"].get("creationTimestamp")), found["metadata"]["name"]


def _contents(service: Object, pods: Sequence[PodRow]) -> Iterator[Object]:
    """What each slice says; one that says that there is nothing where there is nothing."""
    groups = by_ports(backends(service, pods))
    for ports, found in groups.items():
        for start in range(0, len(found), _LARGEST):
            yield _content(service, ports, found[start : start + _LARGEST])
    if not groups:
        yield {"endpoints": [], "ports": []}


def _content(service: Object, ports: Ports, found: Sequence[Backend]) -> Object:
    listed = [{"name": name, "port": number, "protocol": protocol} for name, number, protocol in ports]
    return {"endpoints": [_endpoint(service, backend) for backend in found], "ports": listed}


def _endpoint(service: Object, backend: Backend) -> Object:
    pod = backend.pod
    conditions = {"ready": backend.open, "serving": backend.open or pod.ready, "terminating": pod.leaving}
    return {
        "addresses": [pod.status.pod_ip],
        "conditions": conditions,
        "nodeName": pod.node,
        "targetRef": target(backend),
        **host_name(service, backend),
    }


def _new(service: Object, content: Object, salt: str) -> Object:
    name = service["metadata"]["name"]
    headless = {"service.kubernetes.io/headless": ""} if service["spec"].get("clusterIP") == "None" else {}
    metadata = {
        "name": f"{name}-{safe_hash(f'{uid_of(service)}/{salt}', 5)}",
        "generateName": f"{name}-",
        "namespace": service["metadata"]["namespace"],
        "labels": {**labels_of(service), SERVICE: name, MANAGED_BY: MANAGER, **headless},
        "ownerReferences": [owner_reference("services", service)],
    }
    return headed(RESOURCE, metadata, addressType="IPv4", **content)
