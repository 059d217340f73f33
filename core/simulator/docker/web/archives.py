"""Files put into containers and taken out."""

from __future__ import annotations

from aiohttp import web

from core.simulator.docker.archive import pack, unpack
from core.simulator.docker.web.asked import container, engine


async def put(request: web.Request) -> web.Response:
    """Unpack an archive in a container."""
    unpack(engine(request), container(request), request.query["path"], await request.read())
    return web.Response()


async def get(request: web.Request) -> web.Response:
    """Pack what is at a path of a container."""
    data, told = pack(engine(request), container(request), request.query["path"])
    headers = {"X-Docker-Container-Path-Stat": told}
    return web.Response(body=data, headers=headers, content_type="application/x-tar")


ROUTES = [("PUT", "/containers/{id}/archive", put), ("GET", "/containers/{id}/archive", get)]
