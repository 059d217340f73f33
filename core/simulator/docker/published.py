"""Ports of a host that lead into containers: real listeners on the machine's address."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from core.simulator.docker.errors import EngineError, port_taken
from core.simulator.docker.records import Body, Container
from core.simulator.kubernetes.kubelet.images import listens_on
from core.simulator.machine.ports import LOOPBACK, Handler, Reader, Writer
from core.simulator.network.answers import Served, datagram, handler

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine

_FIRST_FREE = 32768


@dataclass(frozen=True, slots=True)
class Binding:
    """A port of the host and the container's port behind it; `loopback` ones are for the host itself only."""

    host: int
    inside: int
    protocol: str
    loopback: bool = False

    @property
    def key(self) -> str:
        """The container's port as the API writes it."""
        return f"{self.inside}/{self.protocol}"


class Published:
    """What is published for running containers, by container."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._bound: dict[str, dict[Binding, Any]] = {}

    def of(self, container: Container) -> list[Binding]:
        """The ports that a container has on the host now."""
        return list(self._bound.get(container.id, {}))

    async def open(self, container: Container) -> None:
        """Publish a container's ports. Raises `EngineError` where one is taken; then none is published."""
        bound = self._bound.setdefault(container.id, {})
        try:
            for binding in self._wanted(container):
                bound[binding] = await self._listen(container, binding)
        except EngineError:
            self.close(container)
            raise

    def close(self, container: Container) -> None:
        """Publish a container's ports no more."""
        for binding, listener in self._bound.pop(container.id, {}).items():
            if binding.protocol == "tcp":
                self._machine.ports.close(binding.host)
            if listener is not None:
                listener.close()

    def close_all(self) -> None:
        """The machine is off."""
        for bound in self._bound.values():
            for listener in bound.values():
                if listener is not None:
                    listener.close()
        self._bound.clear()

    def _wanted(self, container: Container) -> list[Binding]:
        told: Body = container.host.get("PortBindings") or {}
        found: list[Binding] = []
        for key, places in told.items():
            inside, _, protocol = key.partition("/")
            for place in places or [{}]:
                number = int(place.get("HostPort") or 0) or self._free({each.host for each in found})
                loopback = place.get("HostIp") in LOOPBACK
                found.append(Binding(number, int(inside), protocol or "tcp", loopback))
        return found

    def _free(self, besides: set[int]) -> int:
        taken = besides | {binding.host for bound in self._bound.values() for binding in bound}
        return next(number for number in range(_FIRST_FREE, 65536) if number not in taken)

    async def _listen(self, container: Container, binding: Binding) -> Any:
        place = f"0.0.0.0:{binding.host}"
        others = (each for bound in self._bound.values() for each, listener in bound.items())
        if any((each.host, each.protocol) == (binding.host, binding.protocol) for each in others):
            raise port_taken(container.name, place, by_docker=True)
        if binding.protocol == "tcp" and self._machine.ports.at(binding.host, inside=True) is not None:
            raise port_taken(container.name, place, by_docker=False)
        try:
            listener = await self._open(container, binding)
        except OSError as error:
            raise port_taken(container.name, place, by_docker=False) from error
        if binding.protocol == "tcp":
            behind = _behind(container, binding.inside)
            self._machine.ports.listen(binding.host, behind, loopback=binding.loopback)
        return listener

    async def _open(self, container: Container, binding: Binding) -> Any:
        if binding.loopback:
            return None
        address = self._machine.address
        if binding.protocol == "udp":
            loop = asyncio.get_running_loop()
            answering = _Datagrams(served(container))
            return (await loop.create_datagram_endpoint(lambda: answering, local_addr=(address, binding.host)))[0]
        return await asyncio.start_server(self._connected(_behind(container, binding.inside)), address, binding.host)

    def _connected(self, behind: Handler) -> Any:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with self._machine.world.usage.connection(), contextlib.suppress(OSError):
                await behind(reader, writer)
            writer.close()

        return connected


def served(container: Container) -> Served:
    """Who answers for a container."""
    return Served(container.name, container.id[:12], container.reference)


def listener_of(container: Container, port: int) -> Handler | None:
    """What listens at a port inside a container, None where nothing does."""
    exposed = [key.partition("/")[0] for key in container.body.get("ExposedPorts") or {}]
    ports = [{"containerPort": int(number)} for number in exposed]
    known = listens_on({"image": container.reference, "ports": ports})
    return handler(served(container)) if known is None or port in known else None


def _behind(container: Container, port: int) -> Handler:
    """What the host's proxy does with a connection: it takes it, and closes it where nobody listens inside."""

    async def nobody(reader: Reader, writer: Writer) -> None:
        writer.close()

    return listener_of(container, port) or nobody


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, who: Served) -> None:
        self._who = who
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own transport is a DatagramTransport by its methods only.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self._transport is not None:
            self._transport.sendto(datagram(self._who, data), addr)
