"""The gateway's agent: watches the API, decides by the rules of its own file, has HAProxy reloaded, and says so."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from contextlib import AsyncExitStack
from typing import Any

from core.simulator.addresses import SSH_PORT
from core.simulator.gateway.datagrams import Datagrams
from core.simulator.gateway.rules import Publication, load_rules
from core.simulator.gateway.watching import Watched, client_context
from core.simulator.programs.base import Context, ProgramFailed, program

QUIET = 0.05
"""Seconds without a change that make changes one."""

_TICK = 10.0
_FIRST_LINE = "# Written by gondolier's gateway agent"


@program("gateway.py")
class GatewayAgent:
    """Publishes the Services of a cluster; while the API is away what was served last stays."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._machine = context.machine
        self._rules = load_rules(self._file(next(word for word in context.argv if word.endswith("gateway.py"))))
        self._settings = self._read_settings(context.argv[-1])
        self._changed = asyncio.Event()
        self._services = Watched("/api/v1/services", self._rules.service_of, self._changed.set)
        slices = "/apis/discovery.k8s.io/v1/endpointslices"
        self._slices = Watched(slices, self._rules.slice_of, self._changed.set)
        self._datagrams = Datagrams(context)
        self._tasks: list[asyncio.Task[Any]] = []
        self._status: dict[str, Any] = {"services": [], "reloads": 0, "last_reload": None, "applied": "", "errors": []}
        self._connected = ("", False)

    async def start(self) -> None:
        """Leaves a configuration for HAProxy before it counts as ready. Raises `ProgramFailed` without its files."""
        try:
            tls = client_context(*(self._file(getattr(self._settings, name)) for name in ("ca", "cert", "key")))
        except ssl.SSLError as error:
            raise ProgramFailed(f"ssl.SSLError: {error}") from error
        present = self._machine.files.read(self._settings.haproxy_config) or b""
        if not present.startswith(_FIRST_LINE.encode()):
            self._write(self._settings.haproxy_config, self._rules.render_haproxy([], self._settings))
        self._tasks = [self._machine.spawn(self._work(tls), "gateway agent")]

    async def stop(self) -> None:
        """What is served stays served."""
        for task in self._tasks:
            task.cancel()
        self._datagrams.close()

    async def _work(self, tls: ssl.SSLContext) -> None:
        from aiohttp import ClientSession, ClientTimeout, TCPConnector

        async with AsyncExitStack() as stack:
            # From its own address: a connection within the world is nobody's use of it.
            connector = TCPConnector(ssl=tls, local_addr=(self._machine.address, 0))
            timeout = ClientTimeout(total=None, sock_connect=5)
            session = ClientSession(
                self._settings.server, connector=connector, timeout=timeout, read_bufsize=4 * 1024 * 1024
            )
            await stack.enter_async_context(session)
            async with asyncio.TaskGroup() as group:
                for watched in (self._services, self._slices):
                    group.create_task(watched.follow(session))
                group.create_task(self._serve_for_ever())

    async def _serve_for_ever(self) -> None:
        while True:
            if self._services.synced and self._slices.synced:
                await self._serve()
            self._write_status()
            try:
                async with asyncio.timeout(_TICK):
                    await self._changed.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(QUIET * self._context.world.pace)
            self._changed.clear()

    async def _serve(self) -> None:
        found = self._rules.publications(
            self._services.objects.values(),
            self._slices.objects.values(),
            self._settings.reserved_ports,
            {SSH_PORT},
        )
        served = [one for one in found if one.state == "served"]
        await self._publish([one for one in served if one.protocol == "TCP"])
        silent = await self._datagrams.adjust({one.port: one.targets for one in served if one.protocol == "UDP"})
        silent |= {one.port for one in served if one.protocol == "TCP" and not self._listens(one)}
        rows = [self._row(one, silent) for one in sorted(found, key=lambda one: (one.namespace, one.name, one.port))]
        self._status["services"] = rows

    async def _publish(self, wanted: list[Publication]) -> None:
        text = self._rules.render_haproxy(wanted, self._settings)
        path = self._settings.haproxy_config
        if self._machine.files.read(path) == text.encode() and all(map(self._listens, wanted)):
            return
        self._write(path, text)
        self._status["errors"] = await self._machine.units.reload_or_restart("haproxy.service")
        self._status["reloads"] += 1
        self._status["last_reload"] = {"at": _now(), "reason": "services or endpoints changed"}
        self._context.log("reload: services or endpoints changed")

    def _listens(self, one: Publication) -> bool:
        return self._machine.ports.at(one.port, inside=False) is not None

    def _row(self, one: Publication, silent: set[int]) -> dict[str, Any]:
        row = self._rules._row(one)
        if one.state == "served" and one.port in silent:
            message = f"HAProxy was reloaded but does not listen on {one.port}: see its journal"
            row |= {"state": "invalid", "message": message}
        return row

    def _write_status(self) -> None:
        error = self._services.error or self._slices.error
        if not self._connected[0] or self._connected[1] == bool(error):
            self._connected = (_now(), not error)
            said = "the API is connected" if not error else "the API is away: the last good configuration stays"
            self._context.log(said)
        since, connected = self._connected
        api = {"connected": connected, "since": since, "error": error}
        self._status |= {"api": api, "updated": _now(), "node": self._settings.node}
        self._write(f"{self._settings.state_dir}/status.json", json.dumps(self._status, indent=1) + "\n")

    def _read_settings(self, path: str) -> Any:
        found = json.loads(self._file(path))
        fields = self._rules.Settings.__dataclass_fields__
        values = {name: value for name, value in found.items() if name in fields}
        return self._rules.Settings(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})

    def _file(self, path: str) -> bytes:
        found = self._machine.files.read(path)
        if found is None:
            raise ProgramFailed(f"FileNotFoundError: [Errno 2] No such file or directory: '{path}'")
        return found

    def _write(self, path: str, text: str) -> None:
        self._machine.files.write(path, text.encode())


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
