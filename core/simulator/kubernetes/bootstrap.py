"""What every cluster has from its first start on: namespaces, roles, priorities, and the Service of the API itself."""

from __future__ import annotations

from typing import Any

from core.simulator.kubernetes.access import builtin
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.pod_defaults import PRIORITIES

Object = dict[str, Any]

_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
_RBAC = "rbac.authorization.k8s.io"
_SERVICE = ("default", "kubernetes")
_SLICES = "endpointslices.discovery.k8s.io"


def bootstrap(objects: Objects, service_address: str) -> None:
    """Create what is missing; what is there stays as it is, as a restarted API server leaves it."""
    for name in _NAMESPACES:
        _ensure(objects, "namespaces", {"metadata": {"name": name}})
        ensure_account(objects, name)
    for role in builtin.roles():
        _ensure(objects, f"clusterroles.{_RBAC}", role)
    for binding in builtin.bindings():
        _ensure(objects, f"clusterrolebindings.{_RBAC}", binding)
    for name, value in PRIORITIES.items():
        _ensure(objects, "priorityclasses.scheduling.k8s.io", {"metadata": {"name": name}, "value": value})
    _ensure(objects, "services", _api_service(service_address))


def ensure_account(objects: Objects, namespace: str) -> None:
    """The default service account of a namespace."""
    _ensure(objects, "serviceaccounts", {"metadata": {"name": "default", "namespace": namespace}})


def announce(objects: Objects, address: str, port: int) -> None:
    """This API server serves the `kubernetes` Service from now on."""
    addresses = _announced(objects) | {address}
    _publish(objects, sorted(addresses), port)


def withdraw(objects: Objects, address: str, port: int) -> None:
    """This API server no longer serves it."""
    _publish(objects, sorted(_announced(objects) - {address}), port)


def _announced(objects: Objects) -> set[str]:
    live = objects.get("endpoints", *_SERVICE) or {}
    return {each["ip"] for subset in live.get("subsets") or () for each in subset.get("addresses") or ()}


def _publish(objects: Objects, addresses: list[str], port: int) -> None:
    ports = [{"name": "https", "port": port, "protocol": "TCP"}]
    subsets = [{"addresses": [{"ip": each} for each in addresses], "ports": ports}] if addresses else []
    _replace(objects, "endpoints", _own({"endpointslice.kubernetes.io/skip-mirror": "true"}) | {"subsets": subsets})
    endpoints = [{"addresses": [each], "conditions": {"ready": True}} for each in addresses]
    marks = _own({"kubernetes.io/service-name": "kubernetes"})
    _replace(objects, _SLICES, marks | {"addressType": "IPv4", "endpoints": endpoints, "ports": ports})


def _own(labels: dict[str, str]) -> Object:
    namespace, name = _SERVICE
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}}


def _api_service(address: str) -> Object:
    ports = [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]
    spec = {"clusterIP": address, "clusterIPs": [address], "ports": ports}
    return _own({"component": "apiserver", "provider": "kubernetes"}) | {"spec": spec}


def _ensure(objects: Objects, resource: str, obj: Object) -> None:
    metadata = obj["metadata"]
    if objects.raw(resource, metadata.get("namespace", ""), metadata["name"]) is None:
        objects.create(resource, obj)


def _replace(objects: Objects, resource: str, obj: Object) -> None:
    metadata = obj["metadata"]
    if objects.raw(resource, metadata["namespace"], metadata["name"]) is None:
        objects.create(resource, obj)
    else:
        objects.update(resource, obj, expected="")
