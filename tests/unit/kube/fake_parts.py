"""What the fake API server is made of beside its state: its kinds, selectors, merge patches, tables and errors."""

from __future__ import annotations

import copy
from typing import Any

from aiohttp import web

Object = dict[str, Any]

KINDS = {
    "api/v1": {
        "Pod": "pods",
        "Service": "services",
        "PersistentVolume": "persistentvolumes",
        "PersistentVolumeClaim": "persistentvolumeclaims",
        "Event": "events",
        "Node": "nodes",
        "ReplicationController": "replicationcontrollers",
        "Secret": "secrets",
        "ConfigMap": "configmaps",
        "Namespace": "namespaces",
    },
    "apis/storage.k8s.io/v1": {"StorageClass": "storageclasses"},
    "apis/apps/v1": {
        "Deployment": "deployments",
        "ReplicaSet": "replicasets",
        "StatefulSet": "statefulsets",
        "DaemonSet": "daemonsets",
        "ControllerRevision": "controllerrevisions",
    },
    "apis/batch/v1": {"Job": "jobs", "CronJob": "cronjobs"},
    "apis/networking.k8s.io/v1": {"Ingress": "ingresses"},
    "apis/example.org/v1": {"Widget": "widgets"},
}
CLUSTER_WIDE = ("nodes", "namespaces", "persistentvolumes", "storageclasses")

_TABLE_COLUMNS = [
    {"name": "Name", "type": "string", "format": "name", "priority": 0},
    {"name": "Status", "type": "string", "format": "", "priority": 0},
    {"name": "Data", "type": "integer", "format": "", "priority": 1},
    {"name": "Age", "type": "string", "format": "", "priority": 0},
]


def matches(request: web.Request, thing: Object) -> bool:
    """Whether an object meets the request's selectors."""
    marks = thing["metadata"].get("labels", {})
    for word in filter(None, request.query.get("labelSelector", "").split(",")):
        key, equals, value = word.partition("=")
        if key.startswith("!"):
            if key[1:] in marks:
                return False
        elif key not in marks or (equals and marks[key] != value):
            return False
    for word in filter(None, request.query.get("fieldSelector", "").split(",")):
        path, _, value = word.partition("=")
        found: Any = thing
        for part in path.split("."):
            found = found.get(part, "")
        if found != value:
            return False
    return True


def merged(old: Object, patch: Object) -> Object:
    """An object with a merge patch applied."""
    new = copy.deepcopy(old)
    for key, value in patch.items():
        if value is None:
            new.pop(key, None)
        elif isinstance(value, dict) and isinstance(new.get(key), dict):
            new[key] = merged(new[key], value)
        else:
            new[key] = value
    return new


def wants_table(request: web.Request) -> bool:
    """Whether the server's table is asked for."""
    return "as=Table" in request.headers.get("Accept", "")


def table(things: list[Object], metadata: Object) -> Object:
    """The server's table: a status word, a count of entries, and the metadata of each object."""
    rows = []
    for thing in things:
        word = thing.get("status", {}).get("phase", "")
        cells = [thing["metadata"]["name"], word, len(thing.get("data") or {}), "5m"]
        rows.append({"cells": cells, "object": {"kind": "PartialObjectMetadata", "metadata": thing["metadata"]}})
    return {"kind": "Table", "metadata": metadata, "columnDefinitions": _TABLE_COLUMNS, "rows": rows}


def absent(path: str) -> web.Response:
    """404."""
    return status(404, "NotFound", f"{path} not found")


def status(code: int, reason: str, message: str, details: Object | None = None) -> web.Response:
    """A Status that says no."""
    body = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}
    return web.json_response(body | ({"details": details} if details else {}), status=code)
