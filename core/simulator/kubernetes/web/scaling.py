"""The scale subresource: how many replicas there are, and shall be."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from core.simulator.kubernetes.errors import bad_request, invalid, modified, no_such_path, not_allowed, not_found
from core.simulator.kubernetes.kinds import BY_RESOURCE, Kind
from core.simulator.kubernetes.patching.patch import APPLY_PATCH, MERGE_PATCH, patched
from core.simulator.kubernetes.rules.shapes import readable
from core.simulator.kubernetes.tables.column import labels, selector
from core.simulator.kubernetes.web.answers import answer
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.bodies import body_of, content
from core.simulator.kubernetes.web.target import Target
from core.simulator.kubernetes.web.writing import is_rehearsal

Object = dict[str, Any]

_SCALE = Kind("autoscaling", "v1", "scales", "Scale")


async def scale(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """Read, replace or patch the scale of an object."""
    live = backend.objects.get(target.resource, target.namespace, target.name)
    if not kind.scaled:
        raise no_such_path()
    if live is None:
        raise not_found(target.resource, target.name)
    if target.verb == "get":
        return answer(_scale_of(live))
    with_wish = await _wish(request, _scale_of(live), target)
    _check(kind, live, with_wish)
    fresh = live | {"spec": live.get("spec", {}) | {"replicas": with_wish["spec"]["replicas"]}}
    with backend.objects.rehearsal(is_rehearsal(request)):
        return answer(_scale_of(backend.objects.update(kind.resource, fresh)))


async def _wish(request: web.Request, present: Object, target: Target) -> Object:
    if target.verb == "update":
        found = await body_of(request)
    elif target.verb == "patch":
        media = MERGE_PATCH if request.content_type == APPLY_PATCH else request.content_type
        found = patched(_SCALE, present, media, await content(request))
    else:
        raise not_allowed()
    found = readable(_SCALE, found | {"metadata": found.get("metadata") or {}})
    return found | {"spec": found.get("spec", {})}


def _check(kind: Kind, live: Object, wish: Object) -> None:
    version, name = wish["metadata"].get("resourceVersion", ""), live["metadata"]["name"]
    if version not in ("", live["metadata"]["resourceVersion"]):
        raise modified(kind.resource, name)
    replicas = wish["spec"].setdefault("replicas", 0)
    if not isinstance(replicas, int) or isinstance(replicas, bool):
        raise bad_request(f"Scale cannot be handled: spec.replicas is not a number: {replicas!r}")
    if replicas < 0:
        causes = [("spec.replicas", f"Invalid value: {replicas}: must be greater than or equal to 0")]
        raise invalid("Scale", "autoscaling", name, causes)


def _scale_of(obj: Object) -> Object:
    metadata, spec, status = obj["metadata"], obj.get("spec", {}), obj.get("status", {})
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: metadata[key] for key in kept if key in metadata},
        "spec": {"replicas": spec.get("replicas", 0)},
        "status": {"replicas": status.get("replicas", 0), "selector": _selector(obj)},
    }


def _selector(obj: Object) -> str:
    found = obj.get("spec", {}).get("selector") or {}
    if not isinstance(found, dict):
        return ""
    return labels(found) if obj["kind"] == BY_RESOURCE["replicationcontrollers"].name else selector(found)
