"""The kinds that are shown as typed rows, with their tables; every other one is shown as the server's own table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.kube.rows import (
    ClaimRow,
    CronJobRow,
    DaemonSetRow,
    DeploymentRow,
    EndpointSliceRow,
    EventRow,
    IngressRow,
    JobRow,
    NamespaceRow,
    NodeRow,
    PodRow,
    ReplicaSetRow,
    ReplicationControllerRow,
    ServiceRow,
    StatefulSetRow,
)
from core.kube.tables import events, network, nodes, pods, storage, workloads
from core.live.objects import Kind
from core.live.tables import Column, Health, LiveRow, TableShape


@dataclass(frozen=True, slots=True)
class TypedKind:
    """A kind with the type of its rows and the look of its table."""

    kind: Kind
    row: type[Any]
    shape: TableShape


def _typed(kind: Kind, row: type[Any], columns: tuple[Column, ...], health: Callable[[Any], Health]) -> TypedKind:
    def healthy(live: LiveRow) -> Health:
        return health(live.row)

    return TypedKind(kind, row, TableShape(kind, columns, healthy))


NODE = Kind("Node", "nodes", "v1", namespaced=False, short=("no",))
POD = Kind("Pod", "pods", "v1", short=("po",))
DEPLOYMENT = Kind("Deployment", "deployments", "apps/v1", short=("deploy", "dp"))
REPLICA_SET = Kind("ReplicaSet", "replicasets", "apps/v1", short=("rs",))
REPLICATION_CONTROLLER = Kind("ReplicationController", "replicationcontrollers", "v1", short=("rc",))
STATEFUL_SET = Kind("StatefulSet", "statefulsets", "apps/v1", short=("sts",))
DAEMON_SET = Kind("DaemonSet", "daemonsets", "apps/v1", short=("ds",))
JOB = Kind("Job", "jobs", "batch/v1")
CRON_JOB = Kind("CronJob", "cronjobs", "batch/v1", short=("cj",))
SERVICE = Kind("Service", "services", "v1", short=("svc",))
ENDPOINT_SLICE = Kind("EndpointSlice", "endpointslices", "discovery.k8s.io/v1")
INGRESS = Kind("Ingress", "ingresses", "networking.k8s.io/v1", short=("ing",))
CONFIG_MAP = Kind("ConfigMap", "configmaps", "v1", short=("cm",))
SECRET = Kind("Secret", "secrets", "v1", short=("sec",))
CLAIM = Kind("PersistentVolumeClaim", "persistentvolumeclaims", "v1", short=("pvc",))
NAMESPACE = Kind("Namespace", "namespaces", "v1", namespaced=False, short=("ns",))
EVENT = Kind("Event", "events", "v1", short=("ev",))

TYPED: tuple[TypedKind, ...] = (
    _typed(NODE, NodeRow, nodes.COLUMNS, nodes.health),
    _typed(POD, PodRow, pods.COLUMNS, pods.health),
    _typed(DEPLOYMENT, DeploymentRow, workloads.DEPLOYMENT, workloads.health),
    _typed(REPLICA_SET, ReplicaSetRow, workloads.REPLICA_SET, workloads.health),
    _typed(REPLICATION_CONTROLLER, ReplicationControllerRow, workloads.REPLICA_SET, workloads.health),
    _typed(STATEFUL_SET, StatefulSetRow, workloads.STATEFUL_SET, workloads.health),
    _typed(DAEMON_SET, DaemonSetRow, workloads.DAEMON_SET, workloads.daemon_health),
    _typed(JOB, JobRow, workloads.JOB, workloads.job_health),
    _typed(CRON_JOB, CronJobRow, workloads.CRON_JOB, workloads.cron_health),
    _typed(SERVICE, ServiceRow, network.SERVICE, network.service_health),
    _typed(ENDPOINT_SLICE, EndpointSliceRow, network.ENDPOINT_SLICE, network.slice_health),
    _typed(INGRESS, IngressRow, network.INGRESS, network.ingress_health),
    _typed(CLAIM, ClaimRow, storage.CLAIMS, storage.claim_health),
    _typed(NAMESPACE, NamespaceRow, storage.NAMESPACES, storage.namespace_health),
    _typed(EVENT, EventRow, events.COLUMNS, events.health),
)

UNTYPED: tuple[Kind, ...] = (CONFIG_MAP, SECRET)
"""Known kinds that are shown as the server's table: it counts their entries, and their values stay where they are."""

_BY_ID = {typed.kind.id: typed for typed in TYPED}


def typed_kind(kind: Kind) -> TypedKind | None:
    """The typed table of a kind, None where the server's own is shown."""
    return _BY_ID.get(kind.id)


def names(kind: Kind) -> frozenset[str]:
    """Every word that means this kind, in small letters: "pods", "pod", "po", "deployments.apps"."""
    return frozenset({kind.resource, kind.kind.lower(), kind.id, *kind.short})


def known_kind(name: str) -> Kind | None:
    """The kind that every cluster has under this name, None where only the cluster can say."""
    wanted = name.lower()
    kinds = (*(typed.kind for typed in TYPED), *UNTYPED)
    return next((kind for kind in kinds if wanted in names(kind)), None)
