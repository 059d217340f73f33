"""Kernel settings and modules."""

from __future__ import annotations

from core.simulator.machine.kernel import RELEASE
from core.simulator.shell.calls import Call, command, whole_lines
from core.simulator.shell.scripts import script


@script(r"while read -r path value; do\s+printf '%s' \"\$value\" >\"/proc/sys/\$path\"")
async def set_sysctls(call: Call, text: str) -> int:
    """Sets "PATH VALUE", one a line of standard input, up to the first that cannot be."""
    for line in await whole_lines(call.stdin):
        path, _, value = line.partition(" ")
        if not call.machine.kernel.set_sysctl(path, value):
            call.err(f"sh: 2: cannot create /proc/sys/{path}: Directory nonexistent\n")
            call.err(f"/proc/sys/{path} cannot be set to {value}\n")
            return 1
    call.machine.keep()
    return 0


@script(r"PATH=\$PATH:/usr/sbin:/sbin; while read -r name; do modprobe -- \"\$name\"")
async def load_modules(call: Call, text: str) -> int:
    """Loads modules, one a line of standard input, up to the first that is not there."""
    for name in await whole_lines(call.stdin):
        if not _loaded(call, name):
            return 1
    return 0


@command("modprobe")
async def modprobe(call: Call) -> int:
    """Loads the modules that are named."""
    names = [word for word in call.arguments if not word.startswith("-")]
    return 0 if all(_loaded(call, name) for name in names) else 1


def _loaded(call: Call, name: str) -> bool:
    if call.machine.kernel.load_module(name):
        call.machine.keep()
        return True
    call.err(f"modprobe: FATAL: Module {name} not found in directory /lib/modules/{RELEASE}\n")
    return False
