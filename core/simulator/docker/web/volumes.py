"""Volumes: listed, made, removed."""

from __future__ import annotations

from aiohttp import web

from core.simulator.docker.filters import VOLUME, passes, read_filters
from core.simulator.docker.shapes import volume
from core.simulator.docker.web.asked import answered, body, engine, on


async def listed(request: web.Request) -> web.Response:
    """All of them."""
    asked, filters = engine(request), read_filters(request.query.get("filters"))
    found = [volume(each) for each in asked.volumes.values() if passes(each, filters, VOLUME)]
    return answered({"Volumes": found, "Warnings": None})


async def create(request: web.Request) -> web.Response:
    """Make one."""
    told = await body(request)
    made = engine(request).create_volume(str(told.get("Name") or ""), dict(told.get("Labels") or {}))
    return answered(volume(made), status=201)


async def inspect(request: web.Request) -> web.Response:
    """Everything about one."""
    return answered(volume(engine(request).volume(request.match_info["name"])))


async def remove(request: web.Request) -> web.Response:
    """Remove one."""
    engine(request).remove_volume(request.match_info["name"], force=on(request, "force"))
    return web.Response(status=204)


ROUTES = [
    ("GET", "/volumes", listed),
    ("POST", "/volumes/create", create),
    ("GET", "/volumes/{name}", inspect),
    ("DELETE", "/volumes/{name}", remove),
]
