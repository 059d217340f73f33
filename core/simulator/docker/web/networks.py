"""Networks: listed, made, removed; containers put in and taken out."""

from __future__ import annotations

from aiohttp import web

from core.simulator.docker.engine import place_of
from core.simulator.docker.filters import NETWORK, passes, read_filters
from core.simulator.docker.shapes import network
from core.simulator.docker.web.asked import answered, body, engine


async def listed(request: web.Request) -> web.Response:
    """All of them."""
    asked, filters = engine(request), read_filters(request.query.get("filters"))
    found = [each for each in asked.networks.all.values() if passes(each, filters, NETWORK)]
    return answered([network(asked, each) for each in found])


async def create(request: web.Request) -> web.Response:
    """Make one."""
    asked = engine(request)
    made = asked.networks.create(await body(request), asked.machine.clock())
    asked.events.tell("network", "create", made.id, {"name": made.name, "type": made.driver})
    return answered({"Id": made.id, "Warning": ""}, status=201)


async def inspect(request: web.Request) -> web.Response:
    """Everything about one."""
    asked = engine(request)
    return answered(network(asked, asked.networks.find(request.match_info["name"])))


async def remove(request: web.Request) -> web.Response:
    """Remove one."""
    asked = engine(request)
    gone = asked.networks.remove(request.match_info["name"], asked.containers.values())
    asked.events.tell("network", "destroy", gone.id, {"name": gone.name, "type": gone.driver})
    return web.Response(status=204)


async def connect(request: web.Request) -> web.Response:
    """Put a container in."""
    asked, told = engine(request), await body(request)
    place = place_of(told.get("EndpointConfig") or {})
    asked.connect(asked.find(str(told["Container"])), request.match_info["name"], place)
    return web.Response()


async def disconnect(request: web.Request) -> web.Response:
    """Take a container out."""
    asked, told = engine(request), await body(request)
    asked.connect(asked.find(str(told["Container"])), request.match_info["name"], None)
    return web.Response()


ROUTES = [
    ("GET", "/networks", listed),
    ("POST", "/networks/create", create),
    ("GET", "/networks/{name}", inspect),
    ("DELETE", "/networks/{name}", remove),
    ("POST", "/networks/{name}/connect", connect),
    ("POST", "/networks/{name}/disconnect", disconnect),
]
