"""Commands that only say something."""

from __future__ import annotations

import asyncio
import time

from core.simulator.machine.kernel import ARCHITECTURE, RELEASE
from core.simulator.shell.calls import Call, Exited, command


@command("true", ":", "sync", "ldconfig")
async def nothing(call: Call) -> int:
    """Succeeds."""
    return 0


@command("false")
async def failing(call: Call) -> int:
    """Fails."""
    return 1


@command("echo")
async def echo(call: Call) -> int:
    """Its arguments, and a line's end unless -n."""
    words, end = (call.arguments[1:], "") if call.arguments[:1] == ("-n",) else (call.arguments, "\n")
    call.out(" ".join(words) + end)
    return 0


@command("printf")
async def printf(call: Call) -> int:
    """A format with %s and the usual escapes."""
    text = call.arguments[0] if call.arguments else ""
    for value in call.arguments[1:]:
        text = text.replace("%s", value, 1)
    call.out(text.replace("\\n", "\n").replace("\\t", "\t"))
    return 0


@command("hostname")
async def hostname(call: Call) -> int:
    """The machine's name."""
    call.out(f"{call.machine.name}\n")
    return 0


@command("uname")
async def uname(call: Call) -> int:
    """What kernel runs."""
    said = {"-r": RELEASE, "-m": ARCHITECTURE, "-n": call.machine.name}
    whole = f"Linux {call.machine.name} {RELEASE} #1 SMP PREEMPT_DYNAMIC simulated {ARCHITECTURE} GNU/Linux"
    call.out("\n".join([said.get(flag, whole) for flag in call.arguments] or ["Linux"]) + "\n")
    return 0


@command("date")
async def date(call: Call) -> int:
    """The machine's clock; the formats that are asked for are strftime's, with %N."""
    now = call.machine.clock()
    form = next((word[1:] for word in call.arguments if word.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    nanoseconds = f"{int(now % 1 * 1e9):09}"
    form = form.replace("%s", str(int(now))).replace("%N", nanoseconds)
    call.out(time.strftime(form, time.gmtime(now)) + "\n")
    return 0


@command("sleep")
async def sleep(call: Call) -> int:
    """Waits."""
    await asyncio.sleep(float(call.arguments[0]))
    return 0


@command("exit")
async def leave(call: Call) -> int:
    """Ends the text that it is in, with its argument as the status."""
    raise Exited(int(call.arguments[0]) if call.arguments else 0)
