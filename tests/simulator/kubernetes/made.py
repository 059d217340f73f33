"""Objects for tests, as small as they may be."""

from __future__ import annotations

from typing import Any

import msgspec

from core.simulator.kubernetes.pods import PodRow, pod_row
from core.simulator.kubernetes.shape import Object

NOW = 1_800_000_000.0
LONG_AGO = "2026-01-01T00:00:00Z"


def meta(name: str, **more: Any) -> Object:
    """Metadata as the API would have completed it."""
    return {"name": name, "namespace": "default", "uid": f"uid-{name}", "creationTimestamp": LONG_AGO, **more}


def template(image: str = "nginx:1.29", labels: dict[str, str] | None = None, **spec: Any) -> Object:
    """A pod template with one container, named "main"."""
    containers = [{"name": "main", "image": image, **spec.pop("container", {})}]
    return {"metadata": {"labels": labels or {"app": "web"}}, "spec": {"containers": containers, **spec}}


def pod(name: str, *, phase: str = "Running", ready: bool = True, node: str = "", **more: Any) -> Object:
    """A pod; `ip`, `labels`, `owner` (a reference), `leaving`, `spec` and further metadata may be given."""
    made = template(labels=more.pop("labels", None), **more.pop("spec", {}))
    metadata = meta(name, labels=made["metadata"]["labels"])
    if owner := more.pop("owner", None):
        metadata["ownerReferences"] = [owner]
    if more.pop("leaving", False):
        metadata["deletionTimestamp"] = LONG_AGO
    condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": more.pop("since", LONG_AGO)}
    status = {"phase": phase, "conditions": [condition], "podIP": more.pop("ip", "")}
    spec = made["spec"] | ({"nodeName": node} if node else {})
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata | more, "spec": spec, "status": status}


def row(thing: Object) -> PodRow:
    """A pod's row."""
    return pod_row(msgspec.json.encode(thing))


def node(name: str, **more: Any) -> Object:
    """A node with two cores; `labels`, `taints`, `unschedulable` and `allocatable` may be given."""
    allocatable = {"cpu": "2", "memory": "4Gi", "pods": "110"} | more.pop("allocatable", {})
    metadata = {"name": name, "labels": {"kubernetes.io/hostname": name, **more.pop("labels", {})}}
    return {"metadata": metadata, "spec": more, "status": {"allocatable": allocatable}}
