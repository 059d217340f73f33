"""dockerd: the API of the host's engine on its socket, and containers that come back with it."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.simulator.programs.base import Context, ProgramFailed, program

if TYPE_CHECKING:
    from core.simulator.docker.engine import Engine
    from core.simulator.docker.web.server import Server
    from core.simulator.machine.machine import Machine

SOCKET = "/run/docker.sock"
_SETTINGS = "/etc/docker/daemon.json"


@program("dockerd")
class Dockerd:
    """Ready when it answers. Containers end with it, unless its settings say that they live on."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._machine = context.machine
        self._folder: Path | None = None
        self._server: Server | None = None

    async def start(self) -> None:
        """Take up what was there, and serve it."""
        from core.simulator.docker.web.server import Server

        self._settings()
        engine = engine_of(self._machine)
        await engine.begin()
        # A path that a socket can have is short: none below the home is sure to be.
        self._folder = Path(tempfile.mkdtemp(prefix="gondolier-docker-"))
        self._server = Server(engine, self._folder / "docker.sock")
        await self._server.start()
        self._machine.files.write(SOCKET, b"", 0o660)
        self._machine.ports.sockets[SOCKET] = self._folder / "docker.sock"
        self._context.log("API listen on /run/docker.sock")

    async def stop(self) -> None:
        """Serve nothing; while the machine goes down or the simulator away, containers are their business."""
        self._machine.ports.sockets.pop(SOCKET, None)
        if self._server is not None:
            await self._server.stop()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._machine.powered:
            self._machine.files.remove(SOCKET)
            if not self._settings().get("live-restore"):
                await engine_of(self._machine).end()

    def _settings(self) -> dict[str, Any]:
        text = self._machine.files.text(_SETTINGS) or "{}"
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError as error:
            said = f"unable to configure the Docker daemon with file {_SETTINGS}: {error}"
            raise ProgramFailed(said) from error
        return found


def engine_of(machine: Machine) -> Engine:
    """The machine's engine, made when it is first asked for after a boot."""
    from core.simulator.docker.engine import Engine

    engines: dict[str, Engine] = machine.world.shared.setdefault("docker engines", {})
    if machine.id not in engines:
        engines[machine.id] = Engine(machine)
        machine.ports.add_route(engines[machine.id].listener_at)
        machine.spawn(_until_the_end(engines, machine.id), "docker engine")
    return engines[machine.id]


async def _until_the_end(engines: dict[str, Engine], id: str) -> None:
    """Without power there is no engine, and nothing that was published."""
    try:
        await asyncio.Event().wait()
    finally:
        engines.pop(id).lives.published.close_all()
