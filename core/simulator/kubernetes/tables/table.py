"""Objects as a Table, the form in which `kubectl get` asks for them.

Source: meta.k8s.io/v1 Table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.simulator.kubernetes.kinds import Column, Kind
from core.simulator.kubernetes.tables import cluster, network, pod, storage, workloads
from core.simulator.kubernetes.tables.column import AGE, CREATED, NAME, Cell, at, since

Object = dict[str, Any]

_CELLS: dict[str, tuple[Cell, ...]] = {
    "apiservices.apiregistration.k8s.io": cluster.API_SERVICE,
    "certificatesigningrequests.certificates.k8s.io": cluster.SIGNING_REQUEST,
    "clusterrolebindings.rbac.authorization.k8s.io": cluster.BINDING,
    "clusterroles.rbac.authorization.k8s.io": cluster.ROLE,
    "configmaps": storage.CONFIG_MAP,
    "controllerrevisions.apps": workloads.CONTROLLER_REVISION,
    "cronjobs.batch": workloads.CRON_JOB,
    "customresourcedefinitions.apiextensions.k8s.io": cluster.DEFINITION,
    "daemonsets.apps": workloads.DAEMON_SET,
    "deployments.apps": workloads.DEPLOYMENT,
    "endpoints": network.ENDPOINTS,
    "endpointslices.discovery.k8s.io": network.ENDPOINT_SLICE,
    "events": cluster.EVENT,
    "horizontalpodautoscalers.autoscaling": workloads.AUTOSCALER,
    "ingressclasses.networking.k8s.io": network.INGRESS_CLASS,
    "ingresses.networking.k8s.io": network.INGRESS,
    "jobs.batch": workloads.JOB,
    "leases.coordination.k8s.io": cluster.LEASE,
    "limitranges": (NAME, CREATED),
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": cluster.WEBHOOKS,
    "namespaces": cluster.NAMESPACE,
    "networkpolicies.networking.k8s.io": network.NETWORK_POLICY,
    "nodes": cluster.NODE,
    "persistentvolumeclaims": storage.CLAIM,
    "persistentvolumes": storage.VOLUME,
    "poddisruptionbudgets.policy": cluster.BUDGET,
    "pods": pod.POD,
    "priorityclasses.scheduling.k8s.io": cluster.PRIORITY_CLASS,
    "replicasets.apps": workloads.REPLICA_SET,
    "replicationcontrollers": workloads.REPLICATION_CONTROLLER,
    "rolebindings.rbac.authorization.k8s.io": cluster.BINDING,
    "roles.rbac.authorization.k8s.io": cluster.ROLE,
    "runtimeclasses.node.k8s.io": cluster.RUNTIME_CLASS,
    "secrets": storage.SECRET,
    "serviceaccounts": storage.SERVICE_ACCOUNT,
    "services": network.SERVICE,
    "statefulsets.apps": workloads.STATEFUL_SET,
    "storageclasses.storage.k8s.io": storage.STORAGE_CLASS,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": cluster.WEBHOOKS,
}


def table(kind: Kind, objects: Iterable[Object], meta: Object, *, include: str = "Metadata") -> Object:
    """The Table of some objects of a kind; `include` says what each row carries: "None", "Metadata" or "Object"."""
    cells = cells_of(kind)
    definitions = [
        {"name": cell.name, "type": cell.type, "format": "name" if cell is NAME else "", "description": cell.name}
        | {"priority": cell.priority}
        for cell in cells
    ]
    rows = [{"cells": [cell.of(obj) for cell in cells]} | _carried(obj, include) for obj in objects]
    head = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
    return head | {"columnDefinitions": definitions, "rows": rows}


def partial(obj: Object) -> Object:
    """An object's metadata without the rest of it."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}


def cells_of(kind: Kind) -> tuple[Cell, ...]:
    """The columns of a kind: those in the table, or a custom resource's own."""
    found = _CELLS.get(kind.resource)
    return found or (NAME, *(map(_custom, kind.columns) if kind.columns else (AGE,)))


def _custom(column: Column) -> Cell:
    find = at(column.path.strip("."), None)

    def of(obj: Object) -> object:
        found = find(obj)
        return since(found) if column.type == "date" and found else found

    return Cell(column.name, of, column.type, column.priority)


def _carried(obj: Object, include: str) -> Object:
    return {} if include == "None" else {"object": obj if include == "Object" else partial(obj)}
