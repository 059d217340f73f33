"""What is decided about an object beyond its own rules: what it is put into, and what it is given.

Source: kubernetes.io, "Admission Controllers Reference" (NamespaceLifecycle, ServiceAccount, Priority).
"""

from __future__ import annotations

from typing import Any

from core.simulator.kubernetes.errors import ApiError, forbidden, not_found
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.pod_defaults import PRIORITIES
from core.simulator.kubernetes.web.backend import Backend

Object = dict[str, Any]

_CLASSES = "priorityclasses.scheduling.k8s.io"


def admit(backend: Backend, kind: Kind, obj: Object, before: Object | None) -> None:
    """Complete an object that is created or, where it was `before`, changed. ApiError 403, 404 or 422."""
    if before is None and kind.namespaced:
        _check_namespace(backend.objects, kind, obj)
    if kind.resource == "services":
        backend.addresses.complete(obj, before)
    if kind.resource == "pods" and before is None:
        _admit_pod(backend.objects, obj)


def _check_namespace(objects: Objects, kind: Kind, obj: Object) -> None:
    namespace = obj["metadata"]["namespace"]
    live = objects.get("namespaces", "", namespace)
    if live is None:
        raise not_found("namespaces", namespace)
    if "deletionTimestamp" in live["metadata"]:
        why = f"unable to create new content in namespace {namespace} because it is being terminated"
        error = forbidden(kind.resource, obj["metadata"].get("name", ""), why)
        error.details["causes"] = [{"reason": "NamespaceTerminating", "message": why, "field": "metadata.namespace"}]
        raise error


def _admit_pod(objects: Objects, pod: Object) -> None:
    spec, metadata = pod["spec"], pod["metadata"]
    account, name = spec["serviceAccountName"], metadata.get("name", "")
    if account != "default" and objects.raw("serviceaccounts", metadata["namespace"], account) is None:
        why = (
            f'error looking up service account {metadata["namespace"]}/{account}: serviceaccount "{account}" not found'
        )
        raise forbidden("pods", name, why)
    wanted = spec.get("priorityClassName", "")
    if wanted:
        spec["priority"] = _priority(objects, wanted, name)


def _priority(objects: Objects, wanted: str, pod: str) -> int:
    found = objects.get(_CLASSES, "", wanted)
    if found is not None:
        return int(found.get("value", 0))
    if wanted in PRIORITIES:
        return PRIORITIES[wanted]
    raise _no_class(wanted, pod)


def _no_class(wanted: str, pod: str) -> ApiError:
    return forbidden("pods", pod, f"no PriorityClass with name {wanted} was found")
