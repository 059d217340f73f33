"""calico-node: registers the machine, opens the pod network to it, and answers for its health."""

from __future__ import annotations

import asyncio
import contextlib

from core.simulator.machine.ports import Reader, Writer
from core.simulator.network.calico import access, register
from core.simulator.network.routes import open_pod_network
from core.simulator.network.store import Store, StoreErrors
from core.simulator.programs.base import Context, program

FELIX_PORT = 9099
_POOL = "192.168.0.0/16"
"""Calico's own default."""
_PAUSE = 0.2


@program("calico-node")
class CalicoNode:
    """Ready when the machine is in Calico's store; Felix says so on loopback, from its start on."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._environ = _environment(context)
        self._ready = False

    async def start(self) -> None:
        """Wait for etcd and register there."""
        context, environ = self._context, self._environ
        ports = context.machine.ports
        ports.listen(int(environ.get("FELIX_HEALTHPORT", FELIX_PORT)), self._health, loopback=True)
        store = Store.open(context.world, context.machine, access(environ))
        told = ""
        while not self._ready:
            try:
                node = environ.get("NODENAME", context.machine.name)
                address = environ.get("IP", context.machine.address)
                block = register(store, node, address, environ.get("CALICO_IPV4POOL_CIDR", _POOL))
            except StoreErrors as error:
                if str(error) != told:
                    context.log(f"Failed to connect to the datastore, waiting: {error}")
                told = str(error)
                await asyncio.sleep(_PAUSE * context.world.pace)
            else:
                open_pod_network(context.machine)
                self._ready = True
                context.log(f"Calico node started successfully: {node} has {block}")

    async def stop(self) -> None:
        """Felix answers no more."""
        self._ready = False
        self._context.machine.ports.close(int(self._environ.get("FELIX_HEALTHPORT", FELIX_PORT)))

    async def _health(self, reader: Reader, writer: Writer) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            request = (await reader.readline()).split()
            ready = request[1:2] == [b"/liveness"] or self._ready
            writer.write(b"HTTP/1.0 204 No Content\r\n\r\n" if ready else b"HTTP/1.0 503 Service Unavailable\r\n\r\n")
            await writer.drain()


def _environment(context: Context) -> dict[str, str]:
    """What `ctr run --env-file` gives to the container."""
    text = context.machine.files.text(context.option("env-file"))
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}
