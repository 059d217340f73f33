"""Published UDP ports: every datagram is answered by a pod behind the port."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from core.simulator.network.routes import PodRoute
from core.simulator.programs.base import Context

Target = tuple[str, int]


class Datagrams:
    """Listens for datagrams on the machine's address."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pods = PodRoute(context.machine)
        self._open: dict[int, tuple[asyncio.DatagramTransport, _Answering]] = {}

    async def adjust(self, wanted: dict[int, tuple[Target, ...]]) -> set[int]:
        """Serve these ports, each with the pods behind it, and no others; gives those that cannot be had."""
        for port in self._open.keys() - wanted.keys():
            self._open.pop(port)[0].close()
        silent = set()
        for port, targets in wanted.items():
            if port in self._open:
                self._open[port][1].targets = targets
            elif not await self._listen(port, targets):
                silent.add(port)
        return silent

    def close(self) -> None:
        """Serve nothing any more."""
        for transport, _ in self._open.values():
            transport.close()
        self._open.clear()

    async def _listen(self, port: int, targets: tuple[Target, ...]) -> bool:
        place = (self._context.machine.address, port)
        try:
            loop = asyncio.get_running_loop()
            answering = _Answering(self._pods, targets)
            transport, protocol = await loop.create_datagram_endpoint(lambda: answering, local_addr=place)
        except OSError as error:
            self._context.log(f"nftables: port {port}/UDP: {error.strerror}")
            return False
        self._open[port] = (transport, protocol)
        return True


class _Answering(asyncio.DatagramProtocol):
    def __init__(self, pods: PodRoute, targets: tuple[Target, ...]) -> None:
        self._pods = pods
        self.targets = targets
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio's own transport is a DatagramTransport by its methods only.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self._transport is None or not self.targets:
            return
        # A client's flow stays with one pod, as the rules on a real gateway have it.
        answer = self._pods.answer(*self.targets[hash(addr) % len(self.targets)], data)
        if answer is not None:
            self._transport.sendto(answer, addr)
