"""Images: listed, pulled, tagged, removed. Their names have slashes, so paths take them whole."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from core.simulator.docker.filters import IMAGE, passes, read_filters
from core.simulator.docker.shapes import image_inspected, image_row
from core.simulator.docker.web.asked import answered, engine, on

_STEP = 0.005
"""Seconds between two lines of progress."""


async def listed(request: web.Request) -> web.Response:
    """All of them."""
    asked, filters = engine(request), read_filters(request.query.get("filters"))
    containers = list(asked.containers.values())
    found = [each for each in asked.images.all.values() if passes(each, filters, IMAGE)]
    return answered([image_row(each, containers) for each in found])


async def pull(request: web.Request) -> web.StreamResponse:
    """Take one from its registry, told line by line."""
    asked = engine(request)
    name, tag = request.query["fromImage"], request.query.get("tag", "")
    reference = f"{name}@{tag}" if tag.startswith("sha256:") else f"{name}:{tag}" if tag else name
    asked.images.check(reference)
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    await answer.prepare(request)
    for told in asked.images.pull(reference):
        await answer.write(json.dumps(told).encode() + b"\r\n")
        await asyncio.sleep(_STEP * asked.machine.world.pace)
    asked.events.tell("image", "pull", reference, {"name": name})
    return answer


async def inspect(request: web.Request) -> web.Response:
    """Everything about one."""
    return answered(image_inspected(engine(request).images.find(request.match_info["name"])))


async def history(request: web.Request) -> web.Response:
    """Where one comes from."""
    image = engine(request).images.find(request.match_info["name"])
    step = {"Id": image.id, "Created": int(image.created), "CreatedBy": "simulated", "Tags": image.tags}
    return answered([step | {"Size": image.size, "Comment": ""}])


async def tag(request: web.Request) -> web.Response:
    """Give one another name."""
    repository, label = request.query["repo"], request.query.get("tag", "")
    engine(request).images.tag(request.match_info["name"], f"{repository}:{label}" if label else repository)
    return web.Response(status=201)


async def remove(request: web.Request) -> web.Response:
    """Remove one."""
    asked = engine(request)
    used = {each.image for each in asked.containers.values()}
    gone = asked.images.remove(request.match_info["name"], used, force=on(request, "force"))
    asked.events.tell("image", "delete", request.match_info["name"], {"name": request.match_info["name"]})
    return answered(gone)


ROUTES = [
    ("GET", "/images/json", listed),
    ("POST", "/images/create", pull),
    ("GET", "/images/{name:.+}/json", inspect),
    ("GET", "/images/{name:.+}/history", history),
    ("POST", "/images/{name:.+}/tag", tag),
    ("DELETE", "/images/{name:.+}", remove),
]
