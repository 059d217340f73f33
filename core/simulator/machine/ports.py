"""What listens on a machine: handlers by port, and sockets of its file system that lead to real ones."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Reader(Protocol):
    """The incoming side of a connection."""

    async def read(self, n: int = -1) -> bytes: ...

    async def readline(self) -> bytes: ...

    async def readexactly(self, n: int) -> bytes: ...


class Writer(Protocol):
    """The outgoing side of a connection."""

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None: ...

    def close(self) -> None: ...


Handler = Callable[[Reader, Writer], Awaitable[None]]
"""Serves one connection; the writer is closed after it."""

Route = Callable[[str, int], Handler | None]
"""Who answers at an address that is no machine's, such as a Service's; None where nobody does."""


class Ports:
    """Listening ports by number, and routes beyond the machine. `loopback` ones are for the machine itself only.

    `sockets` maps paths on the machine, "/run/docker.sock", to real unix sockets.
    """

    def __init__(self) -> None:
        self._listening: dict[int, tuple[Handler, bool]] = {}
        self._routes: list[Route] = []
        self.sockets: dict[str, Path] = {}

    def listen(self, port: int, handler: Handler, *, loopback: bool = False) -> None:
        """Serve a port from now on."""
        self._listening[port] = handler, loopback

    def close(self, port: int) -> None:
        """Serve it no longer."""
        self._listening.pop(port, None)

    def at(self, port: int, *, inside: bool) -> Handler | None:
        """Who serves a port for the machine itself (`inside`) or for others."""
        handler, loopback = self._listening.get(port, (None, False))
        return handler if inside or not loopback else None

    def add_route(self, route: Route) -> None:
        """Ask this one, too, about addresses that are no machine's."""
        self._routes.append(route)

    def remove_route(self, route: Route) -> None:
        """Ask it no longer."""
        if route in self._routes:
            self._routes.remove(route)

    def routed(self, host: str, port: int) -> Handler | None:
        """Who answers at an address beyond the machine."""
        return next((found for route in self._routes if (found := route(host, port))), None)

    def clear(self) -> None:
        """The machine is off: nothing listens."""
        self._listening.clear()
        self._routes.clear()
        self.sockets.clear()
