"""The forms in which a client may want objects: as they are, as tables, as metadata alone."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from core.simulator.kubernetes.errors import ApiError
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.tables.table import partial, table

Object = dict[str, Any]

TABLE = "Table"
PARTIAL = "PartialObjectMetadata"
_PARTIAL_LIST = f"{PARTIAL}List"
_JSON = ("application/json", "application/*", "*/*")
# Lists and watches are also offered in this form by their old version.
_META_VERSIONS = ("v1", "v1beta1", "")


def form_of(request: web.Request) -> str:
    """ "" for objects as they are, or `TABLE` or `PARTIAL`.

    Raises:
        ApiError: 406, the client takes nothing that there is.
    """
    accept = request.headers.get("Accept") or "*/*"
    for offer in accept.split(","):
        media, *rest = (part.strip() for part in offer.split(";"))
        wanted = dict(part.split("=", 1) for part in rest if "=" in part)
        form = wanted.get("as", "").removesuffix("List")
        if media in _JSON and form in ("", TABLE, PARTIAL) and wanted.get("v", "") in _META_VERSIONS:
            return form
    text = f"only the following media types are accepted: {', '.join(_JSON[:1])}"
    raise ApiError(406, "NotAcceptable", text)


def answer(value: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return raw_answer(msgspec.json.encode(value), status)


def raw_answer(body: bytes, status: int = 200) -> web.Response:
    """An answer that is JSON already."""
    headers = {"Cache-Control": "no-cache, private"}
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def failure(error: ApiError) -> web.Response:
    """The answer for what is refused."""
    response = answer(error.body(), error.status)
    response.headers.update(error.headers)
    return response


def object_answer(request: web.Request, kind: Kind, obj: Object, status: int = 200) -> web.Response:
    """One object in the form that the client wants."""
    return answer(formed(request, kind, obj), status)


def formed(request: web.Request, kind: Kind, obj: Object) -> Object:
    """An object in the form that the client wants."""
    match form_of(request):
        case "Table":
            meta = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
            return table(kind, [obj], meta, include=included(request))
        case "PartialObjectMetadata":
            return partial(obj)
    return obj


def list_answer(request: web.Request, kind: Kind, items: list[bytes], meta: Object) -> web.Response:
    """A list of objects, given as JSON, in the form that the client wants."""
    form = form_of(request)
    if form == TABLE:
        objects = (msgspec.json.decode(raw) for raw in items)
        return answer(table(kind, objects, meta, include=included(request)))
    if form == PARTIAL:
        found = [partial(msgspec.json.decode(raw)) for raw in items]
        return answer({"kind": _PARTIAL_LIST, "apiVersion": "meta.k8s.io/v1", "metadata": meta, "items": found})
    head = {"kind": f"{kind.name}List", "apiVersion": kind.api_version, "metadata": meta}
    return raw_answer(msgspec.json.encode(head)[:-1] + b',"items":[' + b",".join(items) + b"]}")


def included(request: web.Request) -> str:
    """What a client wants of the objects in a table's rows."""
    return request.query.get("includeObject", "Metadata")
