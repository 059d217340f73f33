"""Kernel modules and settings: in force now, and again after a boot."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.engine.errors import Trouble
from core.engine.step import Report
from core.machines.connection import Connection
from core.machines.difference import pending_modules, pending_sysctls
from core.machines.facts_text import sysctl_path
from core.machines.observed import Facts
from core.machines.outcome import last_lines
from core.machines.state import Desired, File

SYSCTL_FILE = "/etc/sysctl.d/90-gondolier.conf"
MODULES_FILE = "/etc/modules-load.d/90-gondolier.conf"

_HEADER = "# Written by gondolier.\n"
_KEY = re.compile(r"[a-z0-9_][A-Za-z0-9_./-]*")

_SET = """while read -r path value; do
    printf '%s' "$value" >"/proc/sys/$path" || { echo "/proc/sys/$path cannot be set to $value" >&2; exit 1; }
done"""

_LOAD = 'PATH=$PATH:/usr/sbin:/sbin; while read -r name; do modprobe -- "$name" || exit 1; done'


async def set_sysctls(connection: Connection, desired: Desired, facts: Facts, report: Report) -> None:
    """Set what has another value, now and for the next boot.

    Raises:
        Trouble: the kernel does not let us.
    """
    pending = pending_sysctls(desired, facts)
    if not pending:
        return
    for key in pending:
        if not _KEY.fullmatch(key):
            raise Trouble(f"{key!r} is no kernel setting", where=connection.name)
    wishes = "".join(f"{sysctl_path(key)} {value}\n" for key, value in pending.items())
    async with connection.exclusive:
        done = await connection.run(_SET, stdin=wishes, check=False)
        if done.status:
            raise Trouble(f"the kernel refuses a setting: {last_lines(done.stderr, 2)}", where=connection.name)
        await _keep_sysctls(connection, pending)
    report(f"{connection.name}: set {', '.join(f'{key} = {value}' for key, value in pending.items())}")


async def set_modules(connection: Connection, desired: Desired, facts: Facts, report: Report) -> None:
    """Load what is not there, now and at the next boot.

    Raises:
        Trouble: the kernel has no such module, or does not load it.
    """
    pending = pending_modules(desired, facts)
    if not pending:
        return
    missing = "".join(f"{name}\n" for name in pending if name not in facts.modules)
    async with connection.exclusive:
        done = await connection.run(_LOAD, stdin=missing, check=False)
        if done.status:
            what = f"a kernel module cannot be loaded: {last_lines(done.stderr, 2)}"
            raise Trouble(what, where=connection.name, fix="use a kernel that has it")
        await _keep_modules(connection, pending)
    report(f"{connection.name}: loaded {', '.join(pending)}")


async def _keep_sysctls(connection: Connection, pending: Mapping[str, str]) -> None:
    # Read again: another step may have added to the file since the facts were gathered.
    lines = (await connection.read(SYSCTL_FILE) or b"").decode().splitlines()
    kept = dict(_parted(line) for line in lines if "=" in line)
    text = "".join(f"{key} = {value}\n" for key, value in sorted({**kept, **pending}.items()))
    await connection.put(File(SYSCTL_FILE, (_HEADER + text).encode()))


async def _keep_modules(connection: Connection, pending: list[str]) -> None:
    lines = (await connection.read(MODULES_FILE) or b"").decode().splitlines()
    kept = {line for line in lines if line and not line.startswith("#")}
    text = "".join(f"{name}\n" for name in sorted(kept | set(pending)))
    await connection.put(File(MODULES_FILE, (_HEADER + text).encode()))


def _parted(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    return key.strip(), value.strip()
