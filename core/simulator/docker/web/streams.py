"""Logs and figures of containers, once or as they come."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from datetime import UTC, datetime

from aiohttp import web

from core.simulator.docker.errors import EngineError
from core.simulator.docker.output import followed, written
from core.simulator.docker.records import Body, Container
from core.simulator.docker.web.asked import answered, container, engine, number, on

_PERIOD = 1.0


async def logs(request: web.Request) -> web.StreamResponse:
    """What a container wrote."""
    asked, clock = container(request), engine(request).machine.clock
    if not on(request, "stdout") and not on(request, "stderr"):
        raise EngineError(400, "Bad parameters: you must choose at least one stream")
    # Everything that is written here is written to standard output.
    shown, stamped, now = on(request, "stdout"), on(request, "timestamps"), clock()
    kind = "application/vnd.docker.raw-stream" if asked.tty else "application/vnd.docker.multiplexed-stream"
    answer = web.StreamResponse(headers={"Content-Type": kind})
    await answer.prepare(request)
    until, since = number(request, "until") or now, number(request, "since") or 0.0
    tail = number(request, "tail")
    lines = written(asked, until, since) if shown else iter(())
    for line in lines if tail is None else deque(lines, int(tail)):
        await answer.write(line.framed(tty=asked.tty, timestamps=stamped))
    try:
        if on(request, "follow"):
            async for line in followed(asked, clock, now):
                if shown:
                    await answer.write(line.framed(tty=asked.tty, timestamps=stamped))
    except ConnectionError:
        return answer  # nobody listens any more
    return answer


async def stats(request: web.Request) -> web.StreamResponse:
    """How much a container uses."""
    asked, clock = container(request), engine(request).machine.clock
    memory = int(asked.host.get("Memory") or engine(request).machine.record.wish.memory)
    if not on(request, "stream", default=True):
        return answered(figures(asked, clock(), memory))
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    await answer.prepare(request)
    try:
        while asked.running:
            await answer.write(json.dumps(figures(asked, clock(), memory)).encode() + b"\n")
            await asyncio.sleep(_PERIOD)
    except ConnectionError:
        return answer
    return answer


def figures(asked: Container, now: float, memory: int) -> Body:
    """Processor time, memory and traffic, which grow with a container's age; nothing while it is at rest."""
    age = max(0.0, now - asked.last.started) if asked.running else 0.0
    weight = 1 + int(asked.id[:2], 16) % 7
    used = int(20e6 * weight + 1e4 * min(age, 3600)) if asked.running else 0
    busy, traffic = int(age * 2e7 * weight), int(age * 900 * weight)
    return {
        "read": datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z"),
        "name": f"/{asked.name}",
        "id": asked.id,
        "pids_stats": {"current": weight if asked.running else 0},
        "cpu_stats": _processors(busy, age),
        "precpu_stats": _processors(max(0, busy - int(2e7 * weight)), max(0.0, age - _PERIOD)),
        "memory_stats": {"usage": used, "limit": memory, "stats": {"inactive_file": used // 10}},
        "networks": {"eth0": {"rx_bytes": traffic, "tx_bytes": traffic * 2}} if asked.running else {},
        "blkio_stats": {"io_service_bytes_recursive": []},
    }


def _processors(busy: int, age: float) -> Body:
    usage = {"total_usage": busy, "usage_in_usermode": busy * 7 // 10, "usage_in_kernelmode": busy * 3 // 10}
    return {"cpu_usage": usage, "system_cpu_usage": int(age * 4e9), "online_cpus": 4}


ROUTES = [("GET", "/containers/{id}/logs", logs), ("GET", "/containers/{id}/stats", stats)]
