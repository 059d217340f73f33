"""Commands that run another: sh, sudo, setsid, and the script whose command lives as long as its input."""

from __future__ import annotations

import asyncio
import re
import shlex
from dataclasses import replace

from core.simulator.shell.calls import Call, command, given
from core.simulator.shell.interpreter import run_argv, run_text
from core.simulator.shell.scripts import script

_STREAMED = re.compile(r"^stream (.+)", re.MULTILINE | re.DOTALL)

TERMINATED = 143
"""The status of a command that was ended by SIGTERM."""


@command("sh", "bash")
async def shell(call: Call) -> int:
    """`sh -c TEXT NAME ARGUMENT…`, `sh -s` with the text as input, `sh FILE`."""
    words = call.arguments
    if words[:1] == ("-c",) and len(words) > 1:
        numbered = {str(number): value for number, value in enumerate(words[2:])}
        return await run_text(replace(call, environ={**call.environ, **numbered}), words[1])
    if words == ("-s",):
        text = (await call.stdin.read()).decode()
        return await run_text(replace(call, stdin=given(b"")), text)
    call.err(f"gondolier simulator: unknown command: {shlex.join(call.argv)}\n")
    return 127


@command("sudo", "setsid", "env", "nohup", "timeout")
async def starter(call: Call) -> int:
    """Runs what comes after its own options."""
    words = list(call.arguments)
    while words and (words[0].startswith("-") or (call.argv[0] == "timeout" and words[0].rstrip("s").isdigit())):
        words.pop(0)
    return await run_argv(replace(call, argv=tuple(words))) if words else 0


@script(r"# Runs a command whose life hangs on our standard input")
async def stream(call: Call, text: str) -> int:
    """`stream COMMAND` in the last line: it is ended when the input ends."""
    inner = shlex.split(_STREAMED.findall(text)[-1])[0]
    work = asyncio.create_task(run_text(replace(call, stdin=given(b"")), inner))
    guard = asyncio.create_task(call.stdin.read())
    try:
        await asyncio.wait([work, guard], return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else TERMINATED
    finally:
        work.cancel()
        guard.cancel()
