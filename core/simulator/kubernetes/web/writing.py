"""Create, replace and patch."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from core.simulator.kubernetes.defaults import complete
from core.simulator.kubernetes.errors import bad_request, modified, not_allowed, not_found
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.objects import now
from core.simulator.kubernetes.patching.apply import applied
from core.simulator.kubernetes.patching.patch import APPLY_PATCH, patched
from core.simulator.kubernetes.rules.rules import check
from core.simulator.kubernetes.rules.shapes import readable, without_nulls
from core.simulator.kubernetes.web.admission import admit
from core.simulator.kubernetes.web.answers import object_answer
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.bodies import body_of, check_head, content, parsed
from core.simulator.kubernetes.web.target import Target, flag

Object = dict[str, Any]

_OURS = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")
STATUS = "status"


async def create(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """A new object."""
    if kind.namespaced and not target.namespace:
        raise not_allowed()
    obj = await body_of(request)
    check_head(kind, target, obj)
    made = create_object(backend, kind, target, obj, rehearsed=is_rehearsal(request))
    return object_answer(request, kind, made, 201)


def create_object(backend: Backend, kind: Kind, target: Target, obj: Object, *, rehearsed: bool) -> Object:
    """Keep a new object that was looked through."""
    fresh = readable(kind, obj)
    metadata = {key: value for key, value in fresh["metadata"].items() if key not in _OURS}
    if metadata.pop("resourceVersion", ""):
        raise bad_request("resourceVersion should not be set on objects to be created")
    if kind.namespaced:
        metadata["namespace"] = target.namespace
    fresh["metadata"] = metadata
    if kind.status:
        fresh.pop(STATUS, None)
    fresh = complete(kind, fresh)
    check(kind, fresh)
    admit(backend, kind, fresh, None)
    with backend.objects.rehearsal(rehearsed):
        return backend.objects.create(kind.resource, fresh)


async def replace(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """An object as it is sent, or, on its status, that alone. ApiError 409 where it was changed meanwhile."""
    obj = await body_of(request)
    check_head(kind, target, obj)
    _same_name(target, obj)
    live = _live(backend, target)
    saved = _save(backend, kind, target, obj, live, rehearsed=is_rehearsal(request))
    return object_answer(request, kind, saved)


async def patch(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """An object with a patch applied, or, on its status, that alone; a server-side apply may create it."""
    sent, rehearsed = await content(request), is_rehearsal(request)
    if request.content_type == APPLY_PATCH:
        return _apply(backend, request, kind, target, parsed(sent, lenient=True))
    live = _live(backend, target)
    fresh = patched(kind, live, request.content_type, sent)
    check_head(kind, target, fresh)
    return object_answer(request, kind, _save(backend, kind, target, fresh, live, rehearsed=rehearsed))


def _apply(backend: Backend, request: web.Request, kind: Kind, target: Target, manifest: Object) -> web.StreamResponse:
    manager, rehearsed = request.query.get("fieldManager", ""), is_rehearsal(request)
    if not manager:
        raise bad_request(
            "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value: is required for apply patch"
        )
    check_head(kind, target, manifest)
    _same_name(target, manifest)
    wanted = without_nulls(manifest)
    if wanted["metadata"].get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    live = backend.objects.get(target.resource, target.namespace, target.name)
    if live is None and target.part:
        raise not_found(target.resource, target.name)
    fresh = applied(live, wanted, manager=manager, force=flag(request.query, "force"), at=now())
    if live is None:
        made = create_object(backend, kind, target, fresh, rehearsed=rehearsed)
        return object_answer(request, kind, made, 201)
    return object_answer(request, kind, _save(backend, kind, target, fresh, live, rehearsed=rehearsed))


def _save(backend: Backend, kind: Kind, target: Target, obj: Object, live: Object, *, rehearsed: bool) -> Object:
    _same_name(target, obj)
    fresh = readable(kind, obj)
    metadata = fresh["metadata"]
    if kind.namespaced:
        metadata["namespace"] = target.namespace
    expected = metadata.get("resourceVersion", "")
    if expected not in ("", live["metadata"]["resourceVersion"]):
        raise modified(target.resource, target.name)
    with backend.objects.rehearsal(rehearsed):
        if target.part == STATUS:
            status = fresh.get(STATUS) or {}
            return backend.objects.update_status(target.resource, target.namespace, target.name, status)
        identity = {key: live["metadata"][key] for key in _OURS if key in live["metadata"]}
        fresh = complete(kind, fresh | {"metadata": metadata | identity})
        admit(backend, kind, fresh, live)
        check(kind, fresh, live)
        return backend.objects.update(target.resource, fresh | {"metadata": metadata}, expected=expected)


def _live(backend: Backend, target: Target) -> Object:
    live = backend.objects.get(target.resource, target.namespace, target.name)
    if live is None:
        raise not_found(target.resource, target.name)
    return live


def _same_name(target: Target, obj: Object) -> None:
    name = obj["metadata"].setdefault("name", target.name)
    if name != target.name:
        text = f"the name of the object ({name}) does not match the name on the URL ({target.name})"
        raise bad_request(text)


def is_rehearsal(request: web.Request) -> bool:
    """Whether nothing is to be kept. ApiError 400 for a value that there is not."""
    wanted = request.query.getall("dryRun", [])
    if wanted and wanted != ["All"]:
        raise bad_request(f'Invalid value: "dryRun": Unsupported value: "{wanted[0]}": supported values: "All"')
    return bool(wanted)
