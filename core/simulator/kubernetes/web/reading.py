"""Get and list."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import msgspec
from aiohttp import web

from core.simulator.kubernetes.errors import ApiError, bad_request, not_found
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.selectors import Selection
from core.simulator.kubernetes.web.answers import form_of, list_answer, object_answer, raw_answer
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.target import Target, number

Object = dict[str, Any]


class _Token(msgspec.Struct):
    """Where the next page begins, and in which version the first one was made."""

    v: int
    namespace: str
    name: str


def selection_of(request: web.Request, target: Target) -> Selection:
    """What a request on a collection selects."""
    query = request.query
    return Selection(target.resource, target.namespace, query.get("labelSelector", ""), query.get("fieldSelector", ""))


async def get(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """One object. ApiError 404 where there is none."""
    raw = backend.objects.raw(target.resource, target.namespace, target.name)
    if raw is None:
        raise not_found(target.resource, target.name)
    return object_answer(request, kind, msgspec.json.decode(raw)) if form_of(request) else raw_answer(raw)


async def list_objects(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """A collection, or a page of it.

    A later page shows what is there now, under the first page's version: who watches on from there hears of all that
    changed in between. ApiError 410 where that version is too old to do so.
    """
    selection = selection_of(request, target)
    limit, token = number(request.query, "limit"), _token(request.query.get("continue", ""), backend.objects)
    found = [each for each in backend.objects.items(target.resource, target.namespace) if selection.lets(*each)]
    if token is not None:
        found = [each for each in found if each[0] >= (token.namespace, token.name)]
    meta: Object = {"resourceVersion": str(backend.objects.version if token is None else token.v)}
    if limit and limit > 0 and len(found) > limit:
        meta["continue"] = _continue(int(meta["resourceVersion"]), found[limit][0])
        if not (selection.labels or selection.fields):
            meta["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return list_answer(request, kind, [raw for _, raw in found], meta)


def _continue(version: int, key: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(_Token(version, *key))).decode()


def _token(text: str, objects: Objects) -> _Token | None:
    if not text:
        return None
    try:
        token = msgspec.json.decode(base64.urlsafe_b64decode(text), type=_Token)
    except (binascii.Error, msgspec.MsgspecError, ValueError):
        raise bad_request(f"continue key is not valid: {text[:40]}") from None
    if token.v < objects.history.oldest:
        message = "The provided continue parameter is too old to display a consistent list result."
        raise ApiError(410, "Expired", message)
    return token
