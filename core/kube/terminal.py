"""An interactive command in a container: a terminal over a WebSocket, that can be resized."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from core.engine.errors import Trouble, Unreachable
from core.kube import paths
from core.kube.access import Cluster
from core.kube.exec import ERROR, STDERR, STDIN, STDOUT, V4, V5, exit_status
from core.kube.problems import decode_status
from core.live.objects import Target

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse

_RESIZE = 4

SHELL = ("sh", "-c", "TERM=${TERM:-xterm-256color}; export TERM; command -v bash >/dev/null && exec bash || exec sh")
"""The best shell that a container has."""


class PodTerminal:
    """One open terminal; `status` is known once `output` has ended."""

    def __init__(self, socket: ClientWebSocketResponse, where: str) -> None:
        self.status: int | None = None
        self._socket = socket
        self._where = where

    async def output(self) -> AsyncIterator[bytes]:
        """What the command writes, until it ends.

        Raises:
            Unreachable: the connection ended before the command did. Trouble: it could not be run.
        """
        async for message in self._socket:
            data = message.data.encode() if isinstance(message.data, str) else message.data
            if not isinstance(data, bytes) or not data:
                continue
            if data[0] == ERROR:
                self.status = exit_status(decode_status(data[1:]), self._where)
                return
            if data[0] in (STDOUT, STDERR) and len(data) > 1:
                yield data[1:]
        raise Unreachable("the connection to the container was cut", where=self._where)

    async def write(self, data: bytes) -> None:
        """Give the command its input; nothing once it has ended."""
        await self._send(STDIN, data)

    async def resize(self, columns: int, rows: int) -> None:
        """Tell the command how large its terminal is."""
        await self._send(_RESIZE, json.dumps({"Width": columns, "Height": rows}).encode())

    async def _send(self, channel: int, data: bytes) -> None:
        if self._socket.closed:
            return
        try:
            await self._socket.send_bytes(bytes([channel]) + data)
        except (ConnectionError, OSError):
            # Whoever reads the output learns why.
            return


@asynccontextmanager
async def open_shell(
    cluster: Cluster, target: Target, command: Sequence[str] = (), *, columns: int = 80, rows: int = 24
) -> AsyncIterator[PodTerminal]:
    """A command in a pod's container, in a terminal of its own; leaving the block hangs up.

    Raises:
        Trouble: it cannot be started.
    """
    query = [("command", word) for word in command or SHELL]
    async with _opened(cluster, target, "exec", query, (columns, rows)) as terminal:
        yield terminal


@asynccontextmanager
async def open_attached(
    cluster: Cluster, target: Target, *, columns: int = 80, rows: int = 24
) -> AsyncIterator[PodTerminal]:
    """The terminal, or the output, of a container's own process; leaving the block lets it run on.

    Raises:
        Trouble: there is no such container, or it does not run.
    """
    pod = await cluster.get(paths.pod(target.namespace, target.name))
    if pod is None:
        raise Trouble(f"there is no pod {target.name}", where=cluster.name)
    containers = pod["spec"]["containers"]
    chosen: dict[str, Any] = next(
        (one for one in containers if one["name"] == (target.container or containers[0]["name"])), {}
    )
    inside = [("stdin", "true")] if chosen.get("stdin") else []
    # A terminal can be had only where the container was given one.
    inside += [("tty", "true")] if chosen.get("tty") else [("stderr", "true")]
    async with _opened(cluster, target, "attach", inside, (columns, rows), terminal=False) as attached:
        yield attached


@asynccontextmanager
async def _opened(
    cluster: Cluster,
    target: Target,
    part: str,
    query: Sequence[tuple[str, str]],
    size: tuple[int, int],
    *,
    terminal: bool = True,
) -> AsyncIterator[PodTerminal]:
    wanted = [*query, ("stdout", "true")]
    wanted += [("stdin", "true"), ("tty", "true")] if terminal else []
    wanted += [("container", target.container)] if target.container else []
    where = f"{cluster.name}/{target.namespace}/{target.name}"
    async with cluster.socket(paths.pod(target.namespace, target.name, part), wanted, [V5, V4]) as socket:
        opened = PodTerminal(socket, where)
        await opened.resize(*size)
        yield opened
