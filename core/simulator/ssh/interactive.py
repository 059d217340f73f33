"""A small shell for a person who looks around on a simulated machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncssh

from core.simulator.shell.calls import Call
from core.simulator.shell.interpreter import run_text

if TYPE_CHECKING:
    from asyncssh import SSHServerProcess

_GREETING = (
    "This machine is simulated by gondolier.\n"
    "Try: hostname, ls DIR, cat FILE, systemctl status UNIT, journalctl -u UNIT\n"
)


async def converse(call: Call, process: SSHServerProcess[bytes]) -> int:
    """Read commands line by line and run each, until `exit` or the end of input."""
    call.out(_GREETING)
    status = 0
    while True:
        call.out(f"root@{call.machine.name}:~# ")
        try:
            line = (await call.stdin.readline()).decode(errors="replace").strip()
        except asyncssh.BreakReceived:
            continue
        if not line or line == "exit":
            if not line and not process.stdin.at_eof():
                continue
            return status
        status = await run_text(call, line)
