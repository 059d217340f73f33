"""What pods and nodes use: plausible figures, the same for the same pod within a window, made when they are asked for.

Source of the form: k8s.io/metrics/pkg/apis/metrics/v1beta1.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from core.simulator.kubernetes.errors import not_allowed, not_found
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.objects import now
from core.simulator.kubernetes.selectors import Selection
from core.simulator.kubernetes.web.answers import answer, object_answer
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.target import Target

Object = dict[str, Any]

GROUP = "metrics.k8s.io"
_WINDOW = 15
# What a container of no particular kind uses, and what a node needs for itself: thousandths of a core, MiB.
_CONTAINER = (2, 24)
_NODE = (80, 420)


async def usage(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """What one or all of the nodes or pods use."""
    if target.verb not in ("get", "list"):
        raise not_allowed()
    labels = request.query.get("labelSelector", "")
    selection = Selection(target.plural, target.namespace, labels)
    found = [
        obj
        for key, raw in backend.objects.items(target.plural, target.namespace)
        if selection.lets(key, raw) and (obj := backend.objects.get(target.plural, *key)) is not None
    ]
    pods = found if target.plural == "pods" else backend.objects.list("pods")
    measured = [_pod(pod) for pod in pods if _runs(pod)]
    items = measured if target.plural == "pods" else [_node(node, pods) for node in found]
    if target.verb == "get":
        return object_answer(request, kind, _one(items, target))
    head = {"kind": f"{kind.name}List", "apiVersion": kind.api_version, "metadata": {}}
    return answer(head | {"items": items})


def _one(items: Iterable[Object], target: Target) -> Object:
    found = next((each for each in items if each["metadata"]["name"] == target.name), None)
    if found is None:
        raise not_found(target.resource, target.name)
    return found


def _runs(pod: Object) -> bool:
    return bool(pod.get("status", {}).get("phase") == "Running")


def _pod(pod: Object) -> Object:
    containers = [
        {"name": each["name"], "usage": _written(*_used(pod, each["name"]))} for each in pod["spec"]["containers"]
    ]
    return _measured("PodMetrics", pod) | {"containers": containers}


def _node(node: Object, pods: Iterable[Object]) -> Object:
    cpu, memory = _NODE
    for pod in pods:
        if pod["spec"].get("nodeName") == node["metadata"]["name"] and _runs(pod):
            for container in pod["spec"]["containers"]:
                used = _used(pod, container["name"])
                cpu, memory = cpu + used[0], memory + used[1]
    return _measured("NodeMetrics", node) | {"usage": _written(cpu, memory)}


def _measured(kind: str, obj: Object) -> Object:
    metadata = {key: obj["metadata"][key] for key in ("name", "namespace", "labels") if key in obj["metadata"]}
    head = {"kind": kind, "apiVersion": f"{GROUP}/v1beta1", "metadata": metadata | {"creationTimestamp": now()}}
    return head | {"timestamp": now(), "window": f"{_WINDOW}s"}


def _used(pod: Object, container: str) -> tuple[int, int]:
    window = int(time.time()) // _WINDOW
    seed = hashlib.sha256(f"{pod['metadata']['uid']}/{container}/{window}".encode()).digest()
    return _CONTAINER[0] + seed[0] % 12, _CONTAINER[1] + seed[1] % 8


def _written(cpu: int, memory: int) -> Object:
    return {"cpu": f"{cpu}m", "memory": f"{memory * 1024}Ki"}
