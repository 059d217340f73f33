"""Containers: listed, made, started, stopped, removed."""

from __future__ import annotations

import asyncio

from aiohttp import web

from core.simulator.docker.errors import EngineError
from core.simulator.docker.filters import CONTAINER, passes, read_filters
from core.simulator.docker.shapes import inspected, row
from core.simulator.docker.web.asked import answered, body, container, engine, number, on


async def listed(request: web.Request) -> web.Response:
    """Those that run, or all, the newest first."""
    asked = engine(request)
    filters = read_filters(request.query.get("filters"))
    everything = on(request, "all") or "status" in filters or "exited" in filters
    newest = sorted(asked.containers.values(), key=lambda each: each.created, reverse=True)
    found = [each for each in newest if (everything or each.running) and passes(each, filters, CONTAINER)]
    limit = number(request, "limit")
    return answered([row(asked, each) for each in (found[: int(limit)] if limit else found)])


async def create(request: web.Request) -> web.Response:
    """Make one."""
    made = engine(request).create(request.query.get("name", ""), await body(request))
    return answered({"Id": made.id, "Warnings": []}, status=201)


async def inspect(request: web.Request) -> web.Response:
    """Everything about one."""
    return answered(inspected(engine(request), container(request)))


async def start(request: web.Request) -> web.Response:
    """Start one."""
    return _changed(await engine(request).start(container(request)))


async def stop(request: web.Request) -> web.Response:
    """Stop one."""
    return _changed(await engine(request).stop(container(request), request.query.get("signal", "TERM")))


async def restart(request: web.Request) -> web.Response:
    """Stop and start one."""
    await engine(request).restart(container(request))
    return web.Response(status=204)


async def kill(request: web.Request) -> web.Response:
    """Send one a signal."""
    await engine(request).kill(container(request), request.query.get("signal", "KILL"))
    return web.Response(status=204)


async def pause(request: web.Request) -> web.Response:
    """Hold one."""
    engine(request).pause(container(request), paused=True)
    return web.Response(status=204)


async def unpause(request: web.Request) -> web.Response:
    """Let one go on."""
    engine(request).pause(container(request), paused=False)
    return web.Response(status=204)


async def remove(request: web.Request) -> web.Response:
    """Remove one."""
    await engine(request).remove(container(request), force=on(request, "force"), volumes=on(request, "v"))
    return web.Response(status=204)


async def rename(request: web.Request) -> web.Response:
    """Give one another name."""
    engine(request).rename(container(request), request.query["name"])
    return web.Response(status=204)


async def update(request: web.Request) -> web.Response:
    """Change one's limits and restart policy."""
    engine(request).update(container(request), await body(request))
    return answered({"Warnings": []})


async def wait(request: web.Request) -> web.Response:
    """Answer when one has ended, for the first or the next time, or is removed."""
    asked, condition = container(request), request.query.get("condition", "not-running")
    if condition != "not-running" or asked.running:
        await engine(request).lives.ended(asked).wait()
    return answered({"StatusCode": asked.last.code})


async def top(request: web.Request) -> web.Response:
    """The processes of one."""
    asked = container(request)
    if not asked.running:
        raise EngineError(409, f"container {asked.id} is not running")
    command = " ".join(asked.body.get("Cmd") or ["simulated"])
    titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    return answered({"Titles": titles, "Processes": [["root", "1", "0", "0", "00:00", "?", "00:00:00", command]]})


async def prune(request: web.Request) -> web.Response:
    """Remove those that do not run."""
    asked = engine(request)
    filters = read_filters(request.query.get("filters"))
    gone = [each for each in asked.containers.values() if not each.running and passes(each, filters, CONTAINER)]
    await asyncio.gather(*(asked.remove(each, force=True, volumes=False) for each in gone))
    return answered({"ContainersDeleted": [each.id for each in gone], "SpaceReclaimed": 0})


def _changed(changed: bool) -> web.Response:
    return web.Response(status=204 if changed else 304)


ROUTES = [
    ("GET", "/containers/json", listed),
    ("POST", "/containers/create", create),
    ("POST", "/containers/prune", prune),
    ("GET", "/containers/{id}/json", inspect),
    ("GET", "/containers/{id}/top", top),
    ("POST", "/containers/{id}/start", start),
    ("POST", "/containers/{id}/stop", stop),
    ("POST", "/containers/{id}/restart", restart),
    ("POST", "/containers/{id}/kill", kill),
    ("POST", "/containers/{id}/pause", pause),
    ("POST", "/containers/{id}/unpause", unpause),
    ("POST", "/containers/{id}/rename", rename),
    ("POST", "/containers/{id}/update", update),
    ("POST", "/containers/{id}/wait", wait),
    ("DELETE", "/containers/{id}", remove),
]
