"""Stand-ins for kubelets: logs, commands and ports as a test wants them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from core.simulator.kubernetes.errors import bad_request
from core.simulator.kubernetes.hooks import LogOptions, Streams
from core.simulator.kubernetes.objects import Objects, now

Object = dict[str, Any]


@dataclass
class Log:
    """What a container wrote: whole lines with their times; `grown` tells followers."""

    lines: list[bytes] = field(default_factory=list)
    ended: bool = False
    grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def write(self, *lines: str) -> None:
        self.lines += [f"{now()} {line}\n".encode() for line in lines]
        async with self.grown:
            self.grown.notify_all()

    async def end(self) -> None:
        self.ended = True
        async with self.grown:
            self.grown.notify_all()


class FakeKubelets:
    """Logs by (pod, container), an echo for commands, and a greeting for whoever connects to port 80."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Log] = {}
        self.commands: list[list[str]] = []

    def log(self, pod: str, container: str = "main") -> Log:
        return self.kept.setdefault((pod, container), Log())

    async def logs(self, pod: Object, container: str, options: LogOptions) -> AsyncIterator[bytes]:
        found = self.kept.get((pod["metadata"]["name"], container))
        if found is None or options.previous:
            raise bad_request(f'container "{container}" in pod "{pod["metadata"]["name"]}" is waiting to start')
        told = len(found.lines)
        for line in found.lines if options.tail is None else found.lines[told - options.tail :]:
            yield line
        while options.follow and not found.ended:
            async with found.grown:
                while len(found.lines) == told and not found.ended:
                    await found.grown.wait()
            yield b"".join(found.lines[told:])
            told = len(found.lines)

    async def execute(self, pod: Object, container: str, command: list[str], streams: Streams) -> int:
        self.commands.append(command)
        if command[0] == "cat":
            async for piece in streams.stdin:
                await streams.stdout(piece)
            return 0
        await streams.stdout(" ".join(command).encode())
        await streams.stderr(b"warned")
        return 3 if command[0] == "false" else 0

    async def connect(self, pod: Object, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if port != 80:
            raise ConnectionRefusedError(f"nobody listens on {port}")
        server = await asyncio.start_server(_greet, "127.0.0.1", 0)
        pair = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        server.close()
        return pair


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"hello " + await reader.readline())
    await writer.drain()
    writer.close()


def run_pod(objects: Objects, name: str, *, node: str = "n1", labels: dict[str, str] | None = None) -> Object:
    """A pod that runs on a node, as a kubelet would have it."""
    spec = {"nodeName": node, "containers": [{"name": "main", "image": "nginx:1.29"}]}
    metadata = {"name": name, "namespace": "default", "labels": labels or {"app": name}}
    objects.create("pods", {"metadata": metadata, "spec": spec})
    state = {"running": {"startedAt": now()}}
    container = {"name": "main", "ready": True, "restartCount": 0, "state": state, "image": "nginx:1.29"}
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": now()}
    status = {"phase": "Running", "podIP": "10.1.0.5", "conditions": [ready], "containerStatuses": [container]}
    return objects.update_status("pods", "default", name, status | {"hostIP": "10.0.0.1", "startTime": now()})
