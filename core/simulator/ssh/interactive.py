"""A small shell for a person who looks around on a simulated machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import asyncssh

from core.simulator.shell.calls import Call, Output
from core.simulator.shell.interpreter import run_text

if TYPE_CHECKING:
    from asyncssh import SSHServerProcess

_GREETING = (
    "This machine is simulated by gondolier.\n"
    "Try: hostname, ls DIR, cat FILE, systemctl status UNIT, journalctl -u UNIT, exit\n"
)
_END = b"\x04"
_ERASE = (b"\x7f", b"\x08")


async def converse(call: Call, process: SSHServerProcess[bytes]) -> int:
    """Read commands line by line and run each, until `exit` or the end of input."""
    terminal = bool(process.get_terminal_type())
    if terminal:
        call = replace(call, stdout=_Terminal(call.stdout), stderr=_Terminal(call.stderr))
    call.out(_GREETING)
    status = 0
    while True:
        call.out(f"root@{call.machine.name}:~# ")
        line = await (_typed(call) if terminal else _line(call))
        if line is None or line.split()[:1] == ["exit"]:
            return status
        status = await run_text(call, line)


async def _line(call: Call) -> str | None:
    """The next line, None at the end of input."""
    line = await call.stdin.readline()
    return line.decode(errors="replace").strip() if line else None


async def _typed(call: Call) -> str | None:
    """A line as it is typed, shown to the one who types; None for the end (Ctrl-D)."""
    typed = b""
    while True:
        try:
            key = await call.stdin.read(1)
        except asyncssh.BreakReceived:
            key, typed = b"\r", b""
        if key in (b"", _END):
            return None
        if key in (b"\r", b"\n"):
            call.out("\n")
            return typed.decode(errors="replace").strip()
        if key in _ERASE:
            call.out("\b \b" if typed else "")
            typed = typed[:-1]
        elif key >= b" ":
            typed += key
            call.stdout.write(key)


class _Terminal:
    """An output on a terminal, where a line's end is also a return."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, data: bytes) -> None:
        self._output.write(data.replace(b"\n", b"\r\n"))

    async def drain(self) -> None:
        await self._output.drain()
