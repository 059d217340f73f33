"""Commands in containers: the few that simulated containers have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import msgspec
from aiohttp import web

from core.simulator.docker.archive import content
from core.simulator.docker.engine import Engine
from core.simulator.docker.errors import EngineError, no_such
from core.simulator.docker.output import STDERR, STDOUT, frame, program_of
from core.simulator.docker.records import Body, Container, new_id
from core.simulator.docker.web.asked import answered, body, container, engine
from core.simulator.kubernetes.errors import ApiError
from core.simulator.kubernetes.hooks import Streams
from core.simulator.kubernetes.kubelet.shell import Box, serve
from core.simulator.kubernetes.objects import Objects

_NOT_FOUND = 127


class Execution(msgspec.Struct):
    """A command in a container; `code` is None until it has ended."""

    id: str
    container: str
    command: list[str]
    tty: bool
    stdin: bool
    code: int | None = None


EXECUTIONS = web.AppKey("executions", dict[str, Execution])


async def create(request: web.Request) -> web.Response:
    """Prepare a command."""
    asked, told = container(request), await body(request)
    if not asked.running:
        raise EngineError(409, f"container {asked.id} is not running")
    if not told.get("Cmd"):
        raise EngineError(400, "No exec command specified")
    made = Execution(new_id(), asked.id, list(told["Cmd"]), bool(told.get("Tty")), bool(told.get("AttachStdin")))
    request.app[EXECUTIONS][made.id] = made
    return answered({"Id": made.id}, status=201)


async def start(request: web.Request) -> web.StreamResponse:
    """Run it, with its streams over the connection that asked, unless it is detached."""
    made = _find(request)
    if request.headers.get("Upgrade"):
        return await _attached(request, made)
    told = await body(request)
    pieces: list[bytes] = []
    await _run(engine(request), made, _Input(), pieces.append)
    return web.Response(body=b"" if told.get("Detach") else b"".join(pieces))


async def inspect(request: web.Request) -> web.Response:
    """How it is."""
    made = _find(request)
    process: Body = {"tty": made.tty, "entrypoint": made.command[0], "arguments": made.command[1:]}
    state = {"Running": made.code is None, "ExitCode": made.code, "Pid": 4242}
    streams = {"OpenStdin": made.stdin, "OpenStdout": True, "OpenStderr": True}
    return answered({"ID": made.id, "ContainerID": made.container, "ProcessConfig": process, **state, **streams})


class _Input(asyncio.Queue[bytes]):
    """What is sent over a connection that has become a stream: as much of a parser as that asks for."""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self.put_nowait(data)
        return False, b""

    def feed_eof(self) -> None:
        self.put_nowait(b"")

    def set_exception(self, *_: Any) -> None:
        self.put_nowait(b"")

    async def pieces(self) -> AsyncIterator[bytes]:
        """What comes, until it ends."""
        while data := await self.get():
            yield data


async def _attached(request: web.Request, made: Execution) -> web.StreamResponse:
    answer = web.StreamResponse(status=101, headers={"Connection": "Upgrade", "Upgrade": "tcp"})
    answer.content_type = "application/vnd.docker.raw-stream"
    await answer.prepare(request)
    given, transport = _Input(), request.transport
    assert transport is not None
    if made.stdin:
        parser: Any = given
        request.protocol.set_parser(parser)
    await _run(engine(request), made, given, transport.write)
    transport.close()
    return answer


async def _run(asked: Engine, made: Execution, given: _Input, write: Any) -> None:
    def told(stream: int) -> Any:
        async def tell(data: bytes) -> None:
            write(data if made.tty else frame(stream, data))

        return tell

    if not made.stdin:
        given.feed_eof()
    streams = Streams(given.pieces(), told(STDOUT), told(STDERR), made.tty)
    try:
        made.code = await serve(box_of(asked, asked.find(made.container)), made.command, streams)
    except ApiError as error:
        made.code = _NOT_FOUND
        await streams.stdout(f"OCI runtime exec failed: {error.message}\n".encode())


@dataclass(frozen=True, slots=True)
class DockerBox(Box):
    """A container with the files that were put into it."""

    placed: Callable[[str], str | None]

    def file(self, path: str) -> str | None:
        """A file's content, None where there is none."""
        return self.placed(path) or Box.file(self, path)


def box_of(asked: Engine, inside: Container) -> Box:
    """A container as its commands see it."""
    host = str(inside.body.get("Hostname") or inside.id[:12])
    pod: Body = {"metadata": {"name": host, "namespace": ""}, "spec": {"hostname": host}}
    address = next((place.address for place in inside.places.values() if place.address), "")
    placed = partial(content, asked, inside)
    return DockerBox(pod, program_of(inside), address, _nothing(), asked.machine.clock, placed)


@cache
def _nothing() -> Objects:
    """No Kubernetes stands behind a container of Docker's."""
    return Objects()


def _find(request: web.Request) -> Execution:
    found = request.app[EXECUTIONS].get(request.match_info["id"])
    if found is None:
        raise no_such("exec instance", request.match_info["id"])
    return found


ROUTES = [
    ("POST", "/containers/{id}/exec", create),
    ("POST", "/exec/{id}/start", start),
    ("GET", "/exec/{id}/json", inspect),
]
