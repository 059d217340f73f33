"""Running a command in a container, over a WebSocket.

The generated client's WebSocket class opens a pool of its own and joins output and errors into one text; here the
channels stay apart and the cluster's own pool is used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.engine.errors import Trouble, Unreachable
from core.kube import paths
from core.kube.access import Cluster
from core.kube.problems import Status, decode_status

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse

# Version 5 differs from 4 in one thing: the client can say that its input has ended.
V5 = "v5.channel.k8s.io"
V4 = "v4.channel.k8s.io"
STDIN, STDOUT, STDERR, ERROR, _CLOSE = 0, 1, 2, 3, 255
_CHUNK = 32 * 1024


@dataclass(frozen=True, slots=True)
class Executed:
    """A command that ended: its exit status and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes


async def execute(
    cluster: Cluster,
    namespace: str,
    pod: str,
    command: Sequence[str],
    *,
    container: str = "",
    stdin: bytes | None = None,
    timeout: float = 60.0,
) -> Executed:
    """Run a command in a pod's container (its first one where none is named) and wait for its end.

    Raises:
        Trouble: it could not be started. Unreachable: cut off, or not ended within `timeout` seconds.
    """
    where = f"{cluster.name}/{namespace}/{pod}"
    path, query = paths.pod(namespace, pod, "exec"), _query(command, container, stdin)
    try:
        async with asyncio.timeout(timeout):
            return await _talk(cluster, where, path, query, stdin)
    except TimeoutError:
        raise Unreachable(f"{command[0]} did not end within {timeout:.0f} s", where=where) from None


async def _talk(
    cluster: Cluster, where: str, path: str, query: Sequence[tuple[str, str]], stdin: bytes | None
) -> Executed:
    written: dict[int, bytearray] = {STDOUT: bytearray(), STDERR: bytearray(), ERROR: bytearray()}
    async with cluster.socket(path, query, [V5] if stdin is not None else [V5, V4]) as socket:
        # Beside reading: a command may write a lot before it has read its input, or end without reading it.
        sending = asyncio.create_task(_send(socket, stdin))
        try:
            await _receive(socket, written)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
    if not written[ERROR]:
        raise Unreachable("the connection to the container ended before the command did", where=where)
    status = exit_status(decode_status(bytes(written[ERROR])), where)
    return Executed(status, bytes(written[STDOUT]), bytes(written[STDERR]))


async def _receive(socket: ClientWebSocketResponse, written: dict[int, bytearray]) -> None:
    async for message in socket:
        data = message.data.encode() if isinstance(message.data, str) else message.data
        if isinstance(data, bytes) and data and data[0] in written:
            written[data[0]] += data[1:]


async def send_input(socket: ClientWebSocketResponse, pieces: Iterable[bytes]) -> None:
    """Send a command its input, and that it has ended."""
    for piece in pieces:
        await socket.send_bytes(bytes([STDIN]) + piece)
    await socket.send_bytes(bytes([_CLOSE, STDIN]))


async def _send(socket: ClientWebSocketResponse, stdin: bytes | None) -> None:
    if stdin is not None:
        await send_input(socket, (stdin[start : start + _CHUNK] for start in range(0, len(stdin), _CHUNK)))


def exit_status(result: Status, where: str) -> int:
    """The exit status in the Status that ends a command.

    Raises:
        Trouble: the command did not run at all.
    """
    if result.status == "Success":
        return 0
    codes = result.causes("ExitCode")
    if not codes:
        raise Trouble(f"the command could not be run: {result.message}", where=where)
    return int(codes[0])


def _query(command: Sequence[str], container: str, stdin: bytes | None) -> list[tuple[str, str]]:
    query = [("command", word) for word in command]
    query += [("stdout", "true"), ("stderr", "true")]
    query += [("stdin", "true")] if stdin is not None else []
    return query + ([("container", container)] if container else [])
