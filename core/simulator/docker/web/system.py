"""Ping, version, info, events."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from core.simulator.docker.events import wanted
from core.simulator.docker.filters import read_filters
from core.simulator.docker.web.asked import answered, engine

API, OLDEST_API, VERSION = "1.45", "1.24", "26.1.5+dfsg1"


async def ping(request: web.Request) -> web.Response:
    """The engine is there."""
    headers = {"Api-Version": API, "Docker-Experimental": "false", "Ostype": "linux"}
    return web.Response(text="OK", headers=headers)


async def version(request: web.Request) -> web.Response:
    """Which engine it is."""
    return answered(
        {
            "Platform": {"Name": "Gondolier simulator"},
            "Version": VERSION,
            "ApiVersion": API,
            "MinAPIVersion": OLDEST_API,
            "Os": "linux",
            "Arch": "amd64",
            "KernelVersion": "6.12.0-simulated",
            "GoVersion": "simulated",
            "BuildTime": "2026-01-01T00:00:00.000000000+00:00",
        }
    )


async def info(request: web.Request) -> web.Response:
    """How it is."""
    asked = engine(request)
    states = [each.state for each in asked.containers.values()]
    wish = asked.machine.record.wish
    return answered(
        {
            "ID": asked.machine.id,
            "Name": asked.machine.name,
            "Containers": len(states),
            "ContainersRunning": states.count("running"),
            "ContainersPaused": states.count("paused"),
            "ContainersStopped": states.count("exited") + states.count("created"),
            "Images": len(asked.images.all),
            "Driver": "overlay2",
            "LoggingDriver": "json-file",
            "CgroupDriver": "systemd",
            "CgroupVersion": "2",
            "NCPU": wish.processors,
            "MemTotal": wish.memory,
            "OperatingSystem": "Debian GNU/Linux 13 (trixie) (simulated)",
            "OSType": "linux",
            "Architecture": "x86_64",
            "KernelVersion": "6.12.0-simulated",
            "ServerVersion": VERSION,
            "DockerRootDir": "/var/lib/docker",
            "Labels": ["simulated=true"],
            "LiveRestoreEnabled": False,
            "Warnings": None,
        }
    )


async def events(request: web.Request) -> web.StreamResponse:
    """What happens, as it happens."""
    asked = engine(request)
    filters = read_filters(request.query.get("filters"))
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    queue = asked.events.listen()
    try:
        await answer.prepare(request)
        while True:
            event = await queue.get()
            if wanted(event, filters):
                await answer.write(json.dumps(event).encode() + b"\n")
    except (ConnectionError, asyncio.CancelledError):
        return answer
    finally:
        asked.events.leave(queue)


ROUTES = [
    ("GET", "/_ping", ping),
    ("HEAD", "/_ping", ping),
    ("GET", "/version", version),
    ("GET", "/info", info),
    ("GET", "/events", events),
]
