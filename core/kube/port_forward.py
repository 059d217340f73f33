"""Ports of the loopback that lead into pods, for as long as the console runs; pods may come and go behind them.

One WebSocket carries one connection. Its two channels (data, errors) each begin with the port's number, two bytes,
little-endian (kubelet's "v4.channel.k8s.io" port-forward).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.engine.errors import Refusal, Trouble
from core.kube import paths
from core.kube.access import Cluster
from core.kube.objects import read
from core.kube.rows import PodRow
from core.kube.words import pod_ready
from core.live.objects import Target
from core.live.operations import Forward

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse

LOOPBACK = "127.0.0.1"
_PROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
_CHUNK = 32 * 1024
_HEADER = 2

Opened = Callable[[Target], Awaitable[Cluster]]


@dataclass(frozen=True, slots=True)
class Place:
    """A pod and the port in it where a connection goes."""

    namespace: str
    pod: str
    port: int


class Forwards:
    """All port-forwards of a console; each new connection looks for a ready pod anew."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._kept: dict[int, _Forward] = {}
        self._last = 0

    def list(self) -> Sequence[Forward]:
        """What is forwarded now, the oldest first."""
        return [one.state for one in self._kept.values()]

    async def add(self, target: Target, remote: int, local: int = 0) -> Forward:
        """Listen on a port of the loopback (any free one for 0) and lead each connection to the target.

        Raises:
            Refusal: the local port is taken. Trouble: nothing is behind the target now.
        """
        place = await find_place(await self._opened(target), target, remote)
        self._last += 1
        made = _Forward(self._last, target, remote, self._opened)
        await made.listen(local)
        made.pod = place.pod
        self._kept[self._last] = made
        return made.state

    async def stop(self, id: int) -> None:
        """End a port-forward with its connections.

        Raises:
            Refusal: there is no such one.
        """
        found = self._kept.pop(id, None)
        if found is None:
            raise Refusal(f"there is no port-forward {id}")
        await found.close()

    async def close(self) -> None:
        """End all of them."""
        kept, self._kept = self._kept, {}
        await asyncio.gather(*(one.close() for one in kept.values()))


async def find_place(cluster: Cluster, target: Target, remote: int) -> Place:
    """Where a connection to a pod, a workload or a service goes now: a ready pod, the newest of several.

    Raises:
        Trouble: there is none.
    """
    if target.kind.kind == "Pod":
        return Place(target.namespace, target.name, remote)
    thing = await read(cluster, target)
    selector = _selector(thing)
    if not selector:
        raise Trouble(f"{target} selects no pods", where=cluster.name, fix="forward to one of its pods")
    rows = await cluster.list(paths.pods(target.namespace), PodRow, labels=paths.selector(selector))
    ready = [row for row in rows if pod_ready(row)]
    if not ready:
        raise Trouble(f"no pod of {target} is ready", where=cluster.name, fix="see what its pods say")
    chosen = max(ready, key=lambda row: (str(row.metadata.creation_timestamp), row.metadata.name))
    port = remote if target.kind.kind != "Service" else await _target_port(cluster, thing, chosen, remote)
    return Place(target.namespace, chosen.metadata.name, port)


def _selector(thing: dict[str, Any]) -> dict[str, str]:
    selector = thing["spec"].get("selector") or {}
    found: dict[str, str] = selector.get("matchLabels", selector)
    return found


async def _target_port(cluster: Cluster, service: dict[str, Any], pod: PodRow, remote: int) -> int:
    """The container's port behind a service's; a named one is looked up in the pod."""
    ports = service["spec"].get("ports") or ()
    entry = next((one for one in ports if one["port"] == remote), None)
    if entry is None:
        have = ", ".join(str(one["port"]) for one in ports)
        raise Trouble(f"{service['metadata']['name']} has no port {remote}; it has {have}", where=cluster.name)
    wanted = entry.get("targetPort", remote)
    if isinstance(wanted, int):
        return wanted
    found = await cluster.get(paths.pod(pod.metadata.namespace, pod.metadata.name)) or {}
    for container in found.get("spec", {}).get("containers", ()):
        for port in container.get("ports", ()):
            if port.get("name") == wanted:
                return int(port["containerPort"])
    raise Trouble(f"pod {pod.metadata.name} has no port named {wanted}", where=cluster.name)


class _Forward:
    """One listening port with its connections."""

    def __init__(self, id: int, target: Target, remote: int, opened: Opened) -> None:
        self.pod = ""
        self._id = id
        self._target = target
        self._remote = remote
        self._opened = opened
        self._trouble = ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> Forward:
        """What is told of it."""
        sockets = self._server.sockets if self._server else ()
        local = int(sockets[0].getsockname()[1]) if sockets else 0
        count = len(self._tasks)
        return Forward(
            self._id, self._target.cluster, self._target, local, self._remote, self.pod, count, self._trouble
        )

    async def listen(self, local: int) -> None:
        try:
            self._server = await asyncio.start_server(self._accepted, LOOPBACK, local)
        except OSError as error:
            what = f"port {local} of {LOOPBACK} cannot be used: {error.strerror or error}"
            raise Refusal(what, fix="choose another one, or 0 for any free one") from None

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            cluster = await self._opened(self._target)
            place = await find_place(cluster, self._target, self._remote)
            self.pod = place.pod
            path = paths.pod(place.namespace, place.pod, "portforward")
            async with cluster.socket(path, [("ports", str(place.port))], [_PROTOCOL]) as socket:
                self._trouble = ""
                await _carry(reader, writer, socket)
        except Trouble as error:
            self._trouble = str(error)
        except (ConnectionError, OSError) as error:
            self._trouble = str(error) or type(error).__name__
        finally:
            writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, socket: ClientWebSocketResponse) -> None:
    """Pass bytes both ways until the pod ends the connection, or the client does and the pod had its say."""
    sending = asyncio.create_task(_to_pod(reader, socket))
    try:
        await _from_pod(socket, writer)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _to_pod(reader: asyncio.StreamReader, socket: ClientWebSocketResponse) -> None:
    while data := await reader.read(_CHUNK):
        await socket.send_bytes(bytes([_DATA]) + data)
    # The protocol cannot say that only this direction has ended.
    await socket.close()


async def _from_pod(socket: ClientWebSocketResponse, writer: asyncio.StreamWriter) -> None:
    begun: set[int] = set()
    async for message in socket:
        data = message.data
        if not isinstance(data, bytes) or not data:
            continue
        channel, content = data[0], data[1:]
        if channel not in begun:
            begun.add(channel)
            content = content[_HEADER:]
        if channel == _ERROR and content:
            raise Trouble(f"the pod refuses the connection: {content.decode(errors='replace').strip()}")
        if channel == _DATA and content:
            writer.write(content)
            await writer.drain()
