"""Waiting until an application on a Docker host answers, and saying why it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.containers.standalone import labels
from core.containers.standalone.engine import Engine, Found
from core.containers.standalone.site import HostSite
from core.containers.standalone.wanted import container_name, outside_probe
from core.containers.vault import covered
from core.engine.errors import Trouble, Unreachable
from core.engine.step import Change, Report
from core.machines.connection import Connection
from core.model.container import Application

PAUSE = 0.5
MOST_RESTARTS = 8
"""Docker waits twice as long before each restart, from 0.1 s on: what has ended so often by now will not last."""

_LAST_LINES = 5


class ReadyStep:
    """Probe and apply of an application's answer: its container runs, is healthy, and its probe succeeds.

    `apply` gives up after `patience` seconds with the container's state and last lines.
    """

    def __init__(self, site: HostSite, application: Application, patience: float) -> None:
        self._site = site
        self._application = application
        self._patience = patience

    async def probe(self) -> Sequence[Change]:
        reason = await self._reason() if self._site.exists() else "its machine is not there"
        return [Change("wait", f"application {self._application.name}", after=reason)] if reason else []

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        told = ""
        try:
            async with asyncio.timeout(self._patience):
                before = await self._restarts()
                while reason := await self._reason():
                    if reason != told:
                        report(f"application {self._application.name}: {reason}")
                    told = reason
                    if await self._restarts() - before >= MOST_RESTARTS:
                        raise await self._give_up(f"its container ended {MOST_RESTARTS} times")
                    await asyncio.sleep(PAUSE)
        except TimeoutError:
            raise await self._give_up(f"{told} after {self._patience:.0f} s") from None
        report(f"application {self._application.name} answers")

    async def _restarts(self) -> int:
        return int((await self._shown()).get("RestartCount", 0))

    async def _shown(self) -> Mapping[str, Any]:
        async with self._site.engine() as engine:
            return await engine.named(container_name(self._application.name)) or {}

    async def _reason(self) -> str:
        """Why the application is not ready, empty where it is."""
        async with self._site.engine() as engine:
            found = await _container(engine, self._site.host.name, self._application.name)
        if found is None:
            return "it has no container"
        if not found.running:
            return f"its container is {found.state}"
        if found.health in ("starting", "unhealthy"):
            return f"its own check says {found.health}"
        wanted = outside_probe(self._application)
        if wanted is None:
            # Without a probe of its own, an application counts once a run of its container has lasted.
            return "its container has only just begun" if found.young else ""
        return await answer(await self._site.connect(), found.address, *wanted)

    async def _give_up(self, reason: str) -> Trouble:
        name = self._application.name
        async with self._site.engine() as engine:
            found = await _container(engine, self._site.host.name, name)
            lines = await engine.last_lines(found.id, _LAST_LINES) if found else []
        values = self._site.values(self._application, making=False).values()
        details = "\n".join(f"{name}: {covered(line, values)}" for line in lines)
        return Trouble(
            f"application {name} is not ready: {reason}\n{details}".rstrip(),
            where=self._site.host.machine,
            fix="put right what it says, then deploy again",
        )


async def _container(engine: Engine, host: str, application: str) -> Found | None:
    found = await engine.containers(host)
    return next((each for each in found if each.labels.get(labels.APPLICATION) == application), None)


async def answer(connection: Connection, address: str, port: int, path: str | None) -> str:
    """Ask a container from its machine; why it does not answer as it should, empty where it does."""
    try:
        async with connection.tcp(address, port, timeout=5) as (reader, writer):
            if path is None:
                return ""
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
            status = (await reader.readline()).decode(errors="replace").split()
    except Unreachable as trouble:
        return trouble.what
    if len(status) < 2 or not status[1].isdecimal():
        return f"port {port} answers no HTTP"
    return "" if 200 <= int(status[1]) < 400 else f"GET {path} on port {port} gives {status[1]}"
