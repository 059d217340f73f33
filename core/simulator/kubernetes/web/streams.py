"""Exec, attach and port-forward over WebSocket.

Each message begins with the number of its channel: 0 input, 1 output, 2 errors, 3 the result, 4 the window's size; in
the fifth version of the protocol 255 closes the channel whose number follows. Port-forward has two channels a port,
data and error, and begins each with the port's number.
Source: k8s.io/apimachinery/pkg/util/remotecommand; k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from core.simulator.kubernetes.errors import ApiError, bad_request, not_allowed, not_found
from core.simulator.kubernetes.hooks import LogOptions, Streams
from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.web.backend import Backend
from core.simulator.kubernetes.web.logs import container_of
from core.simulator.kubernetes.web.target import Target, flag

Object = dict[str, Any]

_STDIN, _STDOUT, _STDERR, _RESULT, _CLOSE = 0, 1, 2, 3, 255
_PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_PORT_PROTOCOLS = ("v4.channel.k8s.io", "portforward.k8s.io")
_CHUNK = 32 * 1024
_PORTS = range(1, 65536)


async def execute(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """Run a command in a container."""
    pod, container = _running(backend, request, target)
    command = request.query.getall("command", [])
    if not command:
        raise bad_request("PodExecOptions is invalid: command: Required value")

    async def run(streams: Streams) -> int:
        return await backend.hooks.execute(pod, container, command, streams)

    return await _converse(request, run)


async def attach(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """Show what a container writes from now on."""
    pod, container = _running(backend, request, target)

    async def run(streams: Streams) -> int:
        async for piece in backend.hooks.logs(pod, container, LogOptions(follow=True, tail=0)):
            lines = (line.partition(b" ")[2] for line in piece.splitlines(keepends=True))
            await streams.stdout(b"".join(lines))
        return 0

    return await _converse(request, run)


async def forward_ports(backend: Backend, request: web.Request, kind: Kind, target: Target) -> web.StreamResponse:
    """Carry connections to ports of a pod."""
    pod, _ = _running(backend, request, target, anyone=True)
    ports = [int(port) for text in request.query.getall("ports", []) for port in text.split(",") if port.isdecimal()]
    if not ports or any(port not in _PORTS for port in ports):
        raise bad_request('query parameter "ports" is required, with ports between 1 and 65535')
    socket = web.WebSocketResponse(protocols=_PORT_PROTOCOLS)
    await socket.prepare(request)
    channels = [_PortChannel(backend, socket, pod, 2 * index, port) for index, port in enumerate(ports)]
    async with asyncio.TaskGroup() as tasks:
        carrying = tasks.create_task(_carry(socket, channels))
        async for message in socket:
            if message.type is WSMsgType.BINARY and message.data and message.data[0] // 2 < len(channels):
                await channels[message.data[0] // 2].write(message.data[1:])
        carrying.cancel()
    return socket


async def _carry(socket: web.WebSocketResponse, channels: Sequence[_PortChannel]) -> None:
    """Carry what pods send; the kubelet hangs up when the last of them has ended its connection."""
    await asyncio.gather(*(channel.run() for channel in channels))
    await socket.close()


class _PortChannel:
    """One forwarded port: what comes from the pod goes to the channel `data`, what fails to the one behind it."""

    def __init__(self, backend: Backend, socket: web.WebSocketResponse, pod: Object, data: int, port: int) -> None:
        self._backend = backend
        self._socket = socket
        self._pod = pod
        self._data = data
        self._port = port
        self._writer: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        for channel in (self._data, self._data + 1):
            await self._send(channel, self._port.to_bytes(2, "little"))
        try:
            reader, writer = await self._backend.hooks.connect(self._pod, self._port)
        except (OSError, ApiError) as error:
            self._writer.cancel()
            name = self._pod["metadata"]["name"]
            await self._send(self._data + 1, f"error forwarding port {self._port} to pod {name}: {error}".encode())
            return
        self._writer.set_result(writer)
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(_CHUNK):
                await self._send(self._data, piece)
        writer.close()

    async def write(self, data: bytes) -> None:
        """Carry what the client sent; what comes for a port where nobody listens is dropped."""
        if self._writer.cancelled():
            return
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            writer = await asyncio.shield(self._writer)
            writer.write(data)
            await writer.drain()

    async def _send(self, channel: int, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            await self._socket.send_bytes(bytes([channel]) + data)


def _running(backend: Backend, request: web.Request, target: Target, *, anyone: bool = False) -> tuple[Object, str]:
    """The pod, and the container that is asked for. ApiError where it does not run, or for no WebSocket."""
    if target.verb not in ("get", "create"):
        raise not_allowed()
    pod = backend.objects.get("pods", target.namespace, target.name)
    if pod is None:
        raise not_found("pods", target.name)
    container = "" if anyone else container_of(pod, request.query.get("container", ""))
    upgrade = request.headers.get("Upgrade", "").lower()
    if upgrade != "websocket":
        raise bad_request(_no_websocket(upgrade))
    if not pod["spec"].get("nodeName"):
        raise bad_request(f"pod {target.name} does not have a host assigned")
    if pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        phase = pod["status"]["phase"]
        raise bad_request(f"cannot exec into a container in a completed pod; current phase is {phase}")
    return pod, container


def _no_websocket(upgrade: str) -> str:
    if upgrade.startswith("spdy"):
        return "this simulated API server streams over WebSocket only, not over SPDY: use kubectl 1.31 or later"
    return "Upgrade request required"


async def _converse(request: web.Request, run: Callable[[Streams], Awaitable[int]]) -> web.StreamResponse:
    socket = web.WebSocketResponse(protocols=_PROTOCOLS)
    await socket.prepare(request)
    given = _Input(socket, wanted=flag(request.query, "stdin"))
    streams = Streams(given.pieces(), _sender(socket, _STDOUT), _sender(socket, _STDERR), flag(request.query, "tty"))
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(given.read())
        working = tasks.create_task(_result(run, streams))
        await asyncio.wait({reading, working}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            # The client is gone, so that nobody waits for the command.
            working.cancel()
        else:
            await _sender(socket, _RESULT)(msgspec.json.encode(working.result()))
            await socket.close()
        reading.cancel()
    return socket


class _Input:
    """What a client sends on channel 0, until it closes it or goes."""

    def __init__(self, socket: web.WebSocketResponse, *, wanted: bool) -> None:
        self._socket = socket
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        if not wanted:
            self._queue.put_nowait(b"")

    async def read(self) -> None:
        """Take messages until the client is gone."""
        async for message in self._socket:
            data = message.data if message.type is WSMsgType.BINARY else str(message.data).encode()
            if data[:1] == bytes([_STDIN]) and len(data) > 1:
                self._queue.put_nowait(data[1:])
            elif data[:2] == bytes([_CLOSE, _STDIN]):
                self._queue.put_nowait(b"")
        self._queue.put_nowait(b"")

    async def pieces(self) -> AsyncIterator[bytes]:
        while piece := await self._queue.get():
            yield piece


def _sender(socket: web.WebSocketResponse, channel: int) -> Callable[[bytes], Awaitable[None]]:
    async def send(data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            await socket.send_bytes(bytes([channel]) + data)

    return send


async def _result(run: Callable[[Streams], Awaitable[int]], streams: Streams) -> Object:
    """How a command ended, as a Status."""
    try:
        status = await run(streams)
    except ApiError as error:
        return error.body()
    if not status:
        return {"metadata": {}, "status": "Success"}
    causes = [{"reason": "ExitCode", "message": str(status)}]
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {status}",
        "reason": "NonZeroExitCode",
        "details": {"causes": causes},
    }
