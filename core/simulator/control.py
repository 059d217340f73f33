"""The world's control socket: what the provider and the command line ask of it."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import psutil  # type: ignore[import-untyped]

from core.simulator.faults import UnknownFault
from core.simulator.loading import Loads, NoCluster
from core.simulator.messages import LONGEST_LINE, Answer, Census, Request, control_socket, edition
from core.simulator.supply import Failed, Refused, Supply
from core.simulator.world import World
from core.store.home import socket_address

Handler = Callable[..., Awaitable[Any]]

_log = logging.getLogger(__name__)


class Control:
    """Serves the control socket of a world.

    `stopping` says that somebody has asked the world to stop; `idle_limit` is after how many seconds without a
    connection it stops by itself, 0 for never. `changed` is set with a change of either.
    """

    def __init__(self, world: World, home: Path, idle_limit: float) -> None:
        self.stopping = False
        self.changed = asyncio.Event()
        self.idle_limit = idle_limit
        self._world = world
        self._supply = Supply(world)
        self._loads = Loads(world)
        self._path = control_socket(home)
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._started = time.monotonic()
        self._handlers: dict[str, Handler] = {
            "census": self._census,
            "stop": self._stop,
            "adjust": self._adjust,
            "machines": self._supply.machines,
            "quota": self._supply.quota,
            "create": self._supply.create,
            "delete": self._supply.delete,
            "remove": self._supply.remove,
            "faults": self._faults,
            "inject": self._inject,
            "clear": self._clear,
            "load": self._loads.start,
            "unload": self._loads.stop,
        }

    async def open(self) -> None:
        """Listen. The caller holds the world's lock, so a socket that is there is a dead world's."""
        self._path.unlink(missing_ok=True)
        with socket_address(self._path) as address:
            self._server = await asyncio.start_unix_server(self._accept, address, limit=LONGEST_LINE)
        self._path.chmod(0o600)

    def reachable(self) -> bool:
        """Whether the socket is still there; it is not where somebody has removed the home."""
        return self._path.exists()

    async def close(self) -> None:
        """Take no more requests."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
        for task in self._serving:
            task.cancel()
        if self._serving:
            await asyncio.wait(self._serving)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._world.usage.connection():
            try:
                while line := await reader.readline():
                    writer.write(msgspec.json.encode(await self._answer(line)) + b"\n")
                    await writer.drain()
            except ConnectionError:
                return
            finally:
                writer.close()

    async def _answer(self, line: bytes) -> Answer:
        try:
            return Answer(await self._work(line))
        except (UnknownFault, Refused, NoCluster) as error:
            return Answer(problem="refused", sentence=str(error))
        except Failed as error:
            return Answer(problem="failed", sentence=str(error))
        except Exception as error:
            _log.exception("a request failed: %s", line[:200])
            return Answer(problem="failed", sentence=f"a mistake in the simulator, see its log: {error!r}")

    def _work(self, line: bytes) -> Awaitable[Any]:
        try:
            request = msgspec.json.decode(line, type=Request)
            handler = self._handlers[request.ask]
            inspect.signature(handler).bind(**request.given)
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise Refused(f"this cannot be asked: {error!r}") from error
        return handler(**request.given)

    async def _census(self) -> Census:
        return Census(
            edition=edition(),
            process=os.getpid(),
            network=self._world.network,
            uptime=time.monotonic() - self._started,
            idle_limit=self.idle_limit,
            pace=self._world.pace,
            # The one that asks does not count.
            connections=self._world.usage.open - 1,
            memory=psutil.Process().memory_info().rss,
            machines=self._supply.counts(),
            faults=len(list(self._world.faults.all())),
        )

    def stop(self) -> None:
        """Ask the world to stop."""
        self.stopping = True
        self.changed.set()

    async def _stop(self) -> None:
        self.stop()

    async def _adjust(self, idle: float | None = None, pace: float | None = None) -> None:
        if idle is not None:
            self.idle_limit = idle
            self.changed.set()
        if pace is not None:
            self._world.set_pace(pace)

    async def _faults(self) -> list[dict[str, Any]]:
        return self._world.faults.dump()

    async def _inject(self, kind: str, environment: str, **given: Any) -> dict[str, Any]:
        fault = self._world.faults.inject(kind, environment, **given)
        return asdict(fault)

    async def _clear(self, number: int | None = None, environment: str | None = None) -> int:
        return self._world.faults.clear(number, environment=environment)
