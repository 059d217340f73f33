"""Installing packages: apt's words and its patience with others that hold its locks."""

from __future__ import annotations

import asyncio
import time

from core.simulator.errors import MachineError
from core.simulator.machine.packages import LISTS
from core.simulator.shell.calls import Call
from core.simulator.shell.scripts import script

INSTALL_SECONDS = 0.05
_READING = "Reading package lists...\nBuilding dependency tree...\nReading state information...\n"
_LOCKED = (
    "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 731 ({holder})\n"
    "N: Be aware that removing the lock file is not a solution and may break your system.\n"
    "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n"
)
_FULL = (
    "dpkg: error processing archive /var/cache/apt/archives/{name}.deb (--unpack):\n"
    " cannot copy extracted data to '{name}.dpkg-new': failed to write (No space left on device)\n"
    "E: Sub-process /usr/bin/dpkg returned an error code (1)\n"
)


@script(r"# Installs the packages named on standard input\.")
async def install(call: Call, text: str) -> int:
    """Installs what the lists have; $1 is how many seconds to wait for apt's locks."""
    names = (await call.stdin.read()).decode().split()
    machine = call.machine
    unknown = [name for name in names if name not in LISTS]
    if not await _unlocked(call, float(call.environ.get("1", "0"))):
        call.err(_LOCKED.format(holder=machine.packages.held_by))
        return 1
    await asyncio.sleep(INSTALL_SECONDS * call.world.pace)
    if unknown:
        call.err(_READING + "".join(f"E: Unable to locate package {name}\n" for name in unknown))
        return 1
    for name in names:
        try:
            await machine.packages.install(name)
        except MachineError:
            call.err(_FULL.format(name=name))
            return 1
    machine.keep()
    return 0


async def _unlocked(call: Call, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while call.machine.packages.held_by:
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(0.02)
    return True
