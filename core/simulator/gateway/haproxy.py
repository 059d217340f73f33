"""HAProxy: listens where its configuration says, and hands each connection to a server behind it."""

from __future__ import annotations

import asyncio
import itertools
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.simulator.gateway.statistics import Counter, Proxy, Server, answer
from core.simulator.machine.ports import Handler, Reader, Writer
from core.simulator.programs.base import Context, ProgramFailed, program

ADMIN = "/run/haproxy/admin.sock"
"""Where it tells of itself."""

_LINE = re.compile(r"^(frontend|backend|defaults|global)\b\s*(\S*)|^\s+(bind|server|default_backend)\s+(.*)$")

Target = tuple[str, int]


@dataclass
class Frontend:
    """A port that is listened on, and the servers behind it."""

    port: int
    targets: tuple[Target, ...] = ()
    turn: Iterator[int] = field(default_factory=itertools.count)
    counter: Counter = field(default_factory=Counter)
    servers: dict[Target, Counter] = field(default_factory=dict)


def backend_names(text: str) -> dict[int, str]:
    """The backend behind each bound port."""
    found: dict[int, str] = {}
    port = 0
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["bind"]:
            port = int(words[1].rpartition(":")[2])
        elif words[:1] == ["default_backend"]:
            found[port] = words[1]
    return found


def parse_configuration(text: str) -> dict[int, tuple[Target, ...]]:
    """The servers behind each bound port; of HAProxy's language what the gateway's agent writes."""
    bound: dict[int, str] = {}
    servers: dict[str, list[Target]] = {}
    port, section = 0, ""
    for line in text.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        kind, name, word, rest = found.groups()
        if kind:
            section = name if kind in ("frontend", "backend") else ""
        elif section and word == "bind":
            port = int(rest.rpartition(":")[2])
        elif section and word == "default_backend":
            bound[port] = rest.strip()
        elif section and word == "server":
            host, _, number = rest.split()[1].rpartition(":")
            servers.setdefault(section, []).append((host, int(number)))
    return {number: tuple(servers.get(backend, ())) for number, backend in bound.items()}


@program("haproxy")
class Haproxy:
    """Serves the ports of its configuration file on the machine's own address, for the world and for real clients."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._machine = context.machine
        self._path = context.argv[context.argv.index("-f") + 1] if "-f" in context.argv else "/etc/haproxy/haproxy.cfg"
        self._frontends: dict[int, Frontend] = {}
        self._servers: dict[int, asyncio.Server] = {}
        self._names: dict[int, str] = {}
        self._admin: asyncio.Server | None = None
        self._folder: Path | None = None
        self._began = time.monotonic()

    async def start(self) -> None:
        """Raises `ProgramFailed` where a port cannot be had."""
        for port, targets in self._wanted().items():
            try:
                await self._open(port, targets)
            except OSError as error:
                await self.stop()
                raise ProgramFailed(f"[ALERT] : Starting frontend: cannot bind socket ({error.strerror})") from error
        await self._open_admin()
        self._context.log("Loading success.")

    async def stop(self) -> None:
        """Listen on nothing any more; connections that are open go on to their end."""
        for port in list(self._frontends):
            self._close(port)
        self._machine.ports.sockets.pop(ADMIN, None)
        if self._admin is not None:
            self._admin.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def reload(self) -> None:
        """Take the configuration file over; a port that cannot be had is said in the journal."""
        wanted = self._wanted()
        for port in self._frontends.keys() - wanted.keys():
            self._close(port)
        for port, targets in wanted.items():
            try:
                await self._open(port, targets)
            except OSError as error:
                self._context.log(f"[ALERT] : cannot bind socket ({error.strerror}) for [0.0.0.0:{port}]")
        self._context.log("Loading success.")

    def _wanted(self) -> dict[int, tuple[Target, ...]]:
        text = self._machine.files.read(self._path)
        if text is None:
            raise ProgramFailed(f"[ALERT] : Could not open configuration file {self._path}")
        self._names = backend_names(text.decode())
        return parse_configuration(text.decode())

    async def _open_admin(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="gondolier-haproxy-"))
        self._admin = await asyncio.start_unix_server(self._tell, self._folder / "admin.sock")
        self._machine.ports.sockets[ADMIN] = self._folder / "admin.sock"

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            command = (await reader.readline()).decode(errors="replace").strip()
            proxies = [self._proxy(frontend) for frontend in self._frontends.values()]
            writer.write(answer(command, proxies, time.monotonic() - self._began).encode())
            await writer.drain()
        writer.close()

    def _proxy(self, frontend: Frontend) -> Proxy:
        servers = [
            Server(f"{host}:{port}", self._reaches(host, port), frontend.servers.setdefault((host, port), Counter()))
            for host, port in frontend.targets
        ]
        return Proxy(self._names.get(frontend.port, str(frontend.port)), frontend.counter, servers)

    def _reaches(self, host: str, port: int) -> bool:
        return self._context.world.reach(self._machine, host, port) is not None

    async def _open(self, port: int, targets: tuple[Target, ...]) -> None:
        if port in self._frontends:
            self._frontends[port].targets = targets
            return
        frontend = Frontend(port, targets)
        handler = self._handler(frontend)
        self._servers[port] = await asyncio.start_server(self._accepting(handler), self._machine.address, port)
        self._frontends[port] = frontend
        self._machine.ports.listen(port, handler)

    def _close(self, port: int) -> None:
        self._frontends.pop(port)
        self._servers.pop(port).close()
        self._machine.ports.close(port)

    def _accepting(self, handler: Handler) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with self._context.world.usage.connection(), suppress(ConnectionError):
                await handler(reader, writer)
            writer.close()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._machine.spawn(serve(reader, writer), "haproxy")

        return accept

    def _handler(self, frontend: Frontend) -> Handler:
        async def serve(reader: Reader, writer: Writer) -> None:
            found = self._answering(frontend)
            if found is None:
                return
            target, answering = found
            counters = frontend.counter, frontend.servers.setdefault(target, Counter())
            for counter in counters:
                counter.begin()
            try:
                await answering(reader, writer)
            finally:
                for counter in counters:
                    counter.end()

        return serve

    def _answering(self, frontend: Frontend) -> tuple[Target, Handler] | None:
        """Who answers the next connection: the servers take turns, those that are gone are left out."""
        count = len(frontend.targets)
        first = next(frontend.turn)
        for place in range(count):
            host, port = frontend.targets[(first + place) % count]
            found = self._context.world.reach(self._machine, host, port)
            if found is not None:
                return (host, port), found
        return None
