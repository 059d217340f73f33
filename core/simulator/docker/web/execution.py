"""Commands in containers, at echo level: what a shell's simplest commands say, and an end for everything else."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from core.simulator.docker.errors import EngineError, no_such
from core.simulator.docker.output import frame, spoken
from core.simulator.docker.records import Body, Container, new_id
from core.simulator.docker.web.asked import answered, body, container, engine

_UNKNOWN = 127


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
    _known(request)[made.id] = made
    return answered({"Id": made.id}, status=201)


async def start(request: web.Request) -> web.StreamResponse:
    """Run it, with its streams over the connection that asked, unless it is detached."""
    made = _find(request)
    asked = engine(request).find(made.container)
    output, made.code = said(asked, made.command)
    if not request.headers.get("Upgrade"):
        told = await body(request)
        return web.Response(body=b"" if told.get("Detach") else _framed(made, output))
    answer = web.StreamResponse(status=101, headers={"Connection": "Upgrade", "Upgrade": "tcp"})
    answer.content_type = "application/vnd.docker.raw-stream"
    await answer.prepare(request)
    assert request.transport is not None
    request.transport.write(_framed(made, output))
    if made.stdin and made.command[0].rpartition("/")[2] in ("cat", "sh", "bash"):
        await _echoed(request, made)
    request.transport.close()
    return answer


async def inspect(request: web.Request) -> web.Response:
    """How it is."""
    made = _find(request)
    process: Body = {"tty": made.tty, "entrypoint": made.command[0], "arguments": made.command[1:]}
    return answered(
        {
            "ID": made.id,
            "ContainerID": made.container,
            "Running": made.code is None,
            "ExitCode": made.code,
            "ProcessConfig": process,
            "OpenStdin": made.stdin,
            "OpenStdout": True,
            "OpenStderr": True,
            "Pid": 4242,
        }
    )


def said(asked: Container, command: list[str]) -> tuple[bytes, int]:
    """What a command writes, and its status."""
    name = command[0].rpartition("/")[2]
    text = {
        "hostname": str(asked.body.get("Hostname") or asked.id[:12]),
        "env": "\n".join(asked.body.get("Env") or []),
        "pwd": "/",
        "whoami": "root",
        "true": "",
        "false": "",
        "cat": "",
        "sh": "\n".join(spoken(command)),
        "bash": "\n".join(spoken(command)),
        "echo": "\n".join(spoken(command)),
    }.get(name)
    if text is None:
        told = f'exec: "{command[0]}": executable file not found in $PATH (simulated containers know few commands)'
        return f"OCI runtime exec failed: exec failed: {told}\n".encode(), _UNKNOWN
    return (f"{text}\n".encode() if text else b""), int(name == "false")


def _framed(made: Execution, output: bytes) -> bytes:
    return output if made.tty or not output else frame(1, output)


class _Input(asyncio.Queue[bytes]):
    """What is sent over a connection that has become a stream; empty bytes end it."""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self.put_nowait(data)
        return False, b""

    def feed_eof(self) -> None:
        self.put_nowait(b"")

    def set_exception(self, *_: Any) -> None:
        self.put_nowait(b"")


async def _echoed(request: web.Request, made: Execution) -> None:
    """Give back what comes in, until it ends."""
    given: Any = _Input()  # as much of a parser as an upgraded connection asks for
    request.protocol.set_parser(given)
    while data := await given.get():
        if request.transport is None or request.transport.is_closing():
            return
        request.transport.write(_framed(made, data))


def _known(request: web.Request) -> dict[str, Execution]:
    return request.app[EXECUTIONS]


def _find(request: web.Request) -> Execution:
    found = _known(request).get(request.match_info["id"])
    if found is None:
        raise no_such("exec instance", request.match_info["id"])
    return found


ROUTES = [
    ("POST", "/containers/{id}/exec", create),
    ("POST", "/exec/{id}/start", start),
    ("GET", "/exec/{id}/json", inspect),
]
