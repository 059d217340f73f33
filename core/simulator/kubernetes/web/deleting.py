"""Delete an object or a collection."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from core.simulator.kubernetes.errors import ApiError, bad_request, conflict, forbidden, invalid, not_found
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.web.answers import answer, list_answer, object_answer
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.bodies import body_of
from core.simulator.kubernetes.web.reading import selection_of
from core.simulator.kubernetes.web.target import Target
from core.simulator.kubernetes.web.writing import is_rehearsal

Object = dict[str, Any]

FOREGROUND, ORPHAN = "Foreground", "Orphan"
_FINALIZER = "foregroundDeletion"
_POLICIES = ("", FOREGROUND, "Background", ORPHAN)
_KEPT_NAMESPACES = ("default", "kube-system", "kube-public")


async def delete(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """Let an object go; the answer is the object where it stays for a while, else what was done."""
    options = await options_of(request)
    if kind.resource == "namespaces" and target.name in _KEPT_NAMESPACES:
        raise forbidden("namespaces", target.name, "this namespace may not be deleted")
    with backend.objects.rehearsal(is_rehearsal(request) or options.get("dryRun") == ["All"]):
        gone = let_go(backend.objects, kind, target.namespace, target.name, options)
    if backend.objects.raw(target.resource, target.namespace, target.name) is not None or kind.resource == "pods":
        return object_answer(request, kind, gone)
    metadata = gone["metadata"]
    details = {"name": metadata["name"], "group": kind.group, "kind": kind.plural, "uid": metadata["uid"]}
    done = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    return answer(done | {"details": {key: value for key, value in details.items() if value}})


async def delete_all(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """Let all go that the selectors let through."""
    if kind.namespaced and not target.namespace:
        raise ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    options, selection = await options_of(request), selection_of(request, target)
    items = backend.objects.items(target.resource, target.namespace)
    found = [(key, raw) for key, raw in items if selection.lets(key, raw)]
    with backend.objects.rehearsal(is_rehearsal(request)):
        for (namespace, name), _ in found:
            let_go(backend.objects, kind, namespace, name, options)
    meta = {"resourceVersion": str(backend.objects.version)}
    return list_answer(request, kind, [raw for _, raw in found], meta)


def let_go(objects: Objects, kind: Kind, namespace: str, name: str, options: Object) -> Object:
    """Delete an object as DeleteOptions want it. ApiError 404, or 409 where it is not the one that is meant."""
    live = objects.get(kind.resource, namespace, name)
    if live is None:
        raise not_found(kind.resource, name)
    _check_preconditions(kind, live, options.get("preconditions") or {})
    policy = options.get("propagationPolicy") or (ORPHAN if options.get("orphanDependents") else "")
    if policy == ORPHAN:
        _orphan(objects, live)
    if policy == FOREGROUND and _has_dependents(objects, live):
        metadata = live["metadata"]
        held = [*(each for each in metadata.get("finalizers") or () if each != _FINALIZER), _FINALIZER]
        objects.update(kind.resource, live | {"metadata": metadata | {"finalizers": held}}, expected="")
    return objects.delete(kind.resource, namespace, name, grace=options.get("gracePeriodSeconds"))


async def options_of(request: web.Request) -> Object:
    """The DeleteOptions in a request's body and query. ApiError 400 where they are none."""
    options = await body_of(request)
    for name in ("propagationPolicy", "gracePeriodSeconds"):
        if name in request.query:
            options[name] = request.query[name]
    grace = options.get("gracePeriodSeconds")
    if isinstance(grace, str) and grace.isdecimal():
        options["gracePeriodSeconds"] = int(grace)
    check_options(options)
    return options


def check_options(options: Object) -> None:
    """DeleteOptions have values that there are; ApiError 400 or 422."""
    policy, grace = options.get("propagationPolicy") or "", options.get("gracePeriodSeconds", 0)
    if policy not in _POLICIES:
        listed = ", ".join(f'"{each}"' for each in (*_POLICIES[1:], "nil"))
        cause = f'Unsupported value: "{policy}": supported values: {listed}'
        raise invalid("DeleteOptions", "meta.k8s.io", "", [("propagationPolicy", cause)])
    if not isinstance(grace, int) or not isinstance(options.get("preconditions") or {}, dict):
        raise bad_request("DeleteOptions cannot be read: gracePeriodSeconds is a number, preconditions an object")


def _check_preconditions(kind: Kind, live: Object, wanted: Object) -> None:
    metadata = live["metadata"]
    for key, word in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        given, there = wanted.get(key), metadata[key]
        if given and given != there:
            why = (
                f"the {word} in the precondition ({given}) does not match the {word} in record ({there}). "
                "The object might have been deleted and then recreated"
            )
            raise conflict(kind.resource, metadata["name"], why)


def _dependents(objects: Objects, owner: Object) -> list[tuple[str, Object]]:
    uid: str = owner["metadata"]["uid"]
    marker, found = uid.encode(), []
    for kind in objects.kinds:
        # Looking for the uid in the JSON first: most objects have no such owner, and need not be decoded.
        for key, raw in objects.items(kind.resource):
            if marker in raw and (obj := objects.get(kind.resource, *key)) is not None:
                owners = obj["metadata"].get("ownerReferences") or ()
                found += [(kind.resource, obj)] if any(each["uid"] == uid for each in owners) else []
    return found


def _has_dependents(objects: Objects, owner: Object) -> bool:
    return bool(_dependents(objects, owner))


def _orphan(objects: Objects, owner: Object) -> None:
    """What the object owns stays, without an owner."""
    uid = owner["metadata"]["uid"]
    for resource, obj in _dependents(objects, owner):
        owners = [each for each in obj["metadata"]["ownerReferences"] if each["uid"] != uid]
        metadata = {key: value for key, value in obj["metadata"].items() if key != "ownerReferences"}
        metadata |= {"ownerReferences": owners} if owners else {}
        objects.update(resource, obj | {"metadata": metadata})
