"""The description of the API that kubectl wants before it applies: it has no schemas, so that kubectl leaves checking
to the server.

Source of the field numbers: github.com/google/gnostic-models/openapiv2/OpenAPIv2.proto (Document: 1 swagger, 2 info,
8 paths, 9 definitions; Info: 1 title, 2 version).
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from core.simulator.kubernetes.errors import no_such_path
from core.simulator.kubernetes.web.answers import answer
from core.simulator.kubernetes.web.backend import Backend

Object = dict[str, Any]

PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
_OLD_PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
_TITLE = "Kubernetes"


def document(backend: Backend, request: web.Request) -> web.Response:
    """The second version of the description, in JSON or protobuf."""
    version = f"v{backend.settings.version}"
    if "protobuf" in request.headers.get("Accept", ""):
        return web.Response(body=_encoded(version), headers={"Content-Type": _OLD_PROTOBUF})
    info = {"title": _TITLE, "version": version}
    return answer({"swagger": "2.0", "info": info, "paths": {}, "definitions": {}})


def third(backend: Backend, path: str) -> web.Response:
    """The third version: its index, or a group's part. ApiError 404 for what is none."""
    groups = {f"apis/{kind.api_version}" if kind.group else "api/v1" for kind in backend.objects.kinds}
    if not path:
        listed = {
            name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={backend.settings.version}"}
            for name in sorted(groups)
        }
        return answer({"paths": listed})
    if path not in groups:
        raise no_such_path()
    info = {"title": _TITLE, "version": f"v{backend.settings.version}"}
    return answer({"openapi": "3.0.0", "info": info, "paths": {}, "components": {"schemas": {}}})


def _encoded(version: str) -> bytes:
    info = _field(1, _TITLE.encode()) + _field(2, version.encode())
    return _field(1, b"2.0") + _field(2, info) + _field(8, b"") + _field(9, b"")


def _field(number: int, content: bytes) -> bytes:
    """A protobuf field of bytes; numbers below 16 and lengths below 128 take one byte each."""
    return bytes([number << 3 | 2, len(content)]) + content
