"""Live objects of the lab: typed rows, as the core makes them of the API's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from core.kube.kinds import TYPED, TypedKind
from core.live.objects import ClusterRef
from core.live.tables import LiveRow, SourceState, TableQuery
from tests.tui.data import ALPHA, NOON
from tests.tui.fake_live import FakeListing

KINDS = {typed.kind.kind: typed for typed in TYPED}


def live_row(kind: str, document: Mapping[str, Any], cluster: ClusterRef = ALPHA) -> LiveRow:
    """A row of this kind."""
    typed = KINDS[kind]
    row = msgspec.convert(document, typed.row)
    metadata = row.metadata
    return LiveRow(f"{cluster} {metadata.namespace}/{metadata.name}", cluster, typed.kind, row)


def stamp(age: float) -> str:
    """The time so many seconds before noon, as the API writes it."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(NOON - age, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def pod(
    name: str,
    *,
    namespace: str = "default",
    node: str = "kube-2",
    phase: str = "Running",
    restarts: int = 0,
    owner: str = "ReplicaSet",
    labels: Mapping[str, str] | None = None,
    cluster: ClusterRef = ALPHA,
    version: int = 1,
) -> LiveRow:
    """A pod with one container."""
    ready = phase == "Running"
    owners = [{"kind": owner, "name": "web-6c9f7d4b5", "uid": "r-1", "controller": True}] if owner else []
    state = {"running": {}} if ready else {"waiting": {"reason": phase}}
    return live_row(
        "Pod",
        {
            "metadata": {
                "name": name,
                "namespace": namespace,
                "uid": f"uid-{name}",
                "resourceVersion": str(version),
                "creationTimestamp": stamp(260),
                "labels": dict(labels or {"id": "web"}),
                "ownerReferences": owners,
            },
            "spec": {"nodeName": node, "containers": [{"name": "site", "image": "nginx:1.29"}]},
            "status": {
                "phase": "Running" if phase not in ("Pending", "Succeeded") else phase,
                "podIP": "10.1.2.3",
                "containerStatuses": [
                    {"name": "site", "ready": ready, "restartCount": restarts, "state": state, "image": "nginx:1.29"}
                ],
            },
        },
        cluster,
    )


def deployment(name: str, replicas: int = 2, *, paused: bool = False, owner: str = "") -> LiveRow:
    """A Deployment whose pods have the label of its name; its `owner` is a controller of another kind."""
    owners = [{"kind": owner, "name": name, "uid": "o-1", "controller": True}] if owner else []
    return live_row(
        "Deployment",
        {
            "metadata": {
                "name": name,
                "namespace": "default",
                "uid": f"d-{name}",
                "creationTimestamp": stamp(4000),
                "ownerReferences": owners,
            },
            "spec": {
                "replicas": replicas,
                "paused": paused,
                "selector": {"matchLabels": {"id": name}},
                "template": {"spec": {"containers": [{"name": "site", "image": "nginx:1.29"}]}},
            },
            "status": {"replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas},
        },
    )


def node(name: str, *, unschedulable: bool = False) -> LiveRow:
    """A node that is Ready."""
    return live_row(
        "Node",
        {
            "metadata": {"name": name, "uid": f"n-{name}", "creationTimestamp": stamp(90000)},
            "spec": {"unschedulable": unschedulable},
            "status": {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"kubeletVersion": "v1.36.4"}},
        },
    )


def warning(name: str, reason: str, message: str) -> LiveRow:
    """An event about a pod."""
    return live_row(
        "Event",
        {
            "metadata": {"name": f"{name}.1", "namespace": "default", "uid": f"e-{name}"},
            "involvedObject": {"kind": "Pod", "name": name, "namespace": "default"},
            "type": "Warning",
            "reason": reason,
            "message": message,
            "lastTimestamp": stamp(30),
            "count": 3,
        },
    )


def listing(kind: str, rows: Iterable[LiveRow], **query: Any) -> FakeListing:
    """A table of these rows that is told completely."""
    typed: TypedKind = KINDS[kind]
    wanted = TableQuery((ALPHA,), typed.kind.resource, **query)
    found = {row.key: row for row in rows}
    return FakeListing(wanted, typed.shape, found, [SourceState(ALPHA, "", synced=True)])


def pods() -> list[LiveRow]:
    """The lab's pods."""
    return [
        pod("web-6c9f7d4b5-x2kqp"),
        pod("web-6c9f7d4b5-k8wzn", node="kube-3"),
        pod("queue-7d9c5b-m4rtl", phase="CrashLoopBackOff", restarts=6, labels={"id": "queue"}),
        pod("coredns-5d78c9869d-abcde", namespace="kube-system", labels={"k8s-app": "kube-dns"}),
    ]


def listings() -> dict[str, FakeListing]:
    """Tables by the name that the console asks for them."""
    return {
        "pods": listing("Pod", pods()),
        "nodes": listing("Node", [node("kube-2"), node("kube-3", unschedulable=True)]),
        "deployments": listing("Deployment", [deployment("web"), deployment("queue", 1)]),
        "events": listing("Event", [warning("queue-7d9c5b-m4rtl", "BackOff", "restarting failed container")]),
    }
