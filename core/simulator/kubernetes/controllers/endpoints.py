"""Endpoints: the older form of what EndpointSlices say.

Rules: kubernetes/pkg/controller/endpoint/endpoints_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.backends import Backend, Ports, backends, by_ports, host_name, target
from core.simulator.kubernetes.controllers.changes import Change, Create, Update
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.shape import Object, headed, key_of, labels_of, leaving

_MANAGED = {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}


def reconcile(service: Object, known: Object | None, pods: Sequence[PodRow]) -> Iterator[Change]:
    """`known` is the Endpoints object of the same name, `pods` are those that the Service's selector picks."""
    if leaving(service) or not service["spec"].get("selector"):
        return
    groups = by_ports([one for one in backends(service, pods) if not one.pod.leaving])
    subsets = [_subset(service, ports, found) for ports, found in groups.items()]
    if known is None:
        namespace, name = key_of(service)
        metadata = {"name": name, "namespace": namespace, "labels": {**labels_of(service), **_MANAGED}}
        yield Create("endpoints", headed("endpoints", metadata, subsets=subsets))
    elif known.get("subsets", []) != subsets:
        yield Update("endpoints", known | {"subsets": subsets})


def _subset(service: Object, ports: Ports, found: Sequence[Backend]) -> Object:
    listed = [{"name": name, "port": number, "protocol": protocol} for name, number, protocol in ports]
    parts = {
        "addresses": [_address(service, one) for one in found if one.open],
        "notReadyAddresses": [_address(service, one) for one in found if not one.open],
        "ports": [{key: value for key, value in port.items() if value} for port in listed],
    }
    return {name: part for name, part in parts.items() if part}


def _address(service: Object, backend: Backend) -> Object:
    pod = backend.pod
    return {"ip": pod.status.pod_ip, "nodeName": pod.node, "targetRef": target(backend), **host_name(service, backend)}
