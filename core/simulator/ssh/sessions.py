"""One session of an SSH connection: a command, or a small shell for a person."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncssh

from core.simulator.shell.calls import Call
from core.simulator.shell.interpreter import run_text
from core.simulator.ssh.interactive import converse

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine

Process = asyncssh.SSHServerProcess[bytes]


async def serve(machine: Machine, process: Process) -> None:
    """Serve a session. A command goes on when its connection is lost, as it does on a real machine."""
    task = machine.spawn(_work(machine, process), process.command or "a shell")
    await asyncio.wait([task])
    if not task.cancelled() and not process.is_closing():
        error = task.exception()
        if error is not None:
            process.stderr.write(f"gondolier simulator: {type(error).__name__}: {error}\n".encode())
        process.exit(1 if error else task.result())


async def _work(machine: Machine, process: Process) -> int:
    stdout, stderr = _Pipe(process, process.stdout), _Pipe(process, process.stderr)
    call = Call(machine, ("sh",), _Standard(process), stdout, stderr, {"HOME": "/root", "USER": "root"})
    await _be_slow(machine)
    if process.command is None:
        return await converse(call, process)
    drop = machine.world.faults.take("ssh-drop", machine)
    if drop is None:
        return await run_text(call, process.command)
    stdout.left = int(drop.number("after_bytes"))
    if not stdout.left:
        asyncio.get_running_loop().call_later(drop.number("after_ms") / 1000, _cut, process)
    return await run_text(call, process.command)


async def _be_slow(machine: Machine) -> None:
    slow = machine.world.faults.active("slow-machine", machine)
    if slow is not None:
        await asyncio.sleep(slow.number("latency_ms") / 1000 + 0.02 * (slow.number("factor") - 1))


def _cut(process: Process) -> None:
    process.channel.get_connection().abort()


class _Standard:
    """Standard input: what the client sends, the end of it also where the connection is lost."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def read(self, n: int = -1) -> bytes:
        try:
            return await self._process.stdin.read(n)
        except (asyncssh.Error, OSError):
            return b""

    async def readline(self) -> bytes:
        try:
            return await self._process.stdin.readline()
        except (asyncssh.Error, OSError):
            return b""

    async def readexactly(self, n: int) -> bytes:
        """Raises asyncio.IncompleteReadError."""
        try:
            return await self._process.stdin.readexactly(n)
        except (asyncssh.Error, OSError):
            raise asyncio.IncompleteReadError(b"", n) from None


class _Pipe:
    """An output of a command: what is written after the connection was lost goes nowhere.

    `left` is how many bytes are written before the connection is cut, 0 where it is not.
    """

    def __init__(self, process: Process, writer: asyncssh.SSHWriter[bytes]) -> None:
        self._process = process
        self._writer = writer
        self.left = 0

    def write(self, data: bytes) -> None:
        if self._process.is_closing():
            return
        if self.left and len(data) >= self.left:
            _cut(self._process)
            return
        self.left = max(0, self.left - len(data))
        self._writer.write(data)

    async def drain(self) -> None:
        if self._process.is_closing():
            return
        try:
            await self._writer.drain()
        except (asyncssh.Error, OSError):
            return
