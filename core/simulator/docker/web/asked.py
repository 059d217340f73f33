"""What a request asks for, out of its path, query and body; and answers in JSON."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from core.simulator.docker.engine import Engine
from core.simulator.docker.errors import EngineError
from core.simulator.docker.records import Body, Container

ENGINE = web.AppKey("engine", Engine)


def engine(request: web.Request) -> Engine:
    """The engine that is asked."""
    return request.app[ENGINE]


def container(request: web.Request) -> Container:
    """The container in the path. Raises `EngineError` 404."""
    return engine(request).find(request.match_info["id"])


def on(request: web.Request, name: str, default: bool = False) -> bool:
    """A switch of the query."""
    value = request.query.get(name)
    return default if value is None else value.lower() in ("1", "true", "yes")


def number(request: web.Request, name: str) -> float | None:
    """A number of the query, None where it is not given or "all"."""
    value = request.query.get(name, "")
    return float(value) if value.replace(".", "", 1).isdigit() else None


async def body(request: web.Request) -> Body:
    """The JSON that was sent, empty where nothing was."""
    if not request.can_read_body:
        return {}
    found = await request.json()
    if not isinstance(found, dict):
        raise EngineError(400, "invalid request: no JSON object")
    return found


def answered(document: Any, status: int = 200) -> web.Response:
    """JSON under the very content type that Docker's clients look for, without a character set."""
    return web.Response(body=json.dumps(document).encode(), status=status, content_type="application/json")
