"""What a machine answers when it is asked what it is like: lines as find, sha256sum, dpkg-query, systemctl give."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from core.simulator.machine.files import Entry
from core.simulator.machine.kernel import ARCHITECTURE, RELEASE
from core.simulator.machine.machine import Machine
from core.simulator.shell.calls import Call, whole_lines
from core.simulator.shell.scripts import script

_SMALL = 1024 * 1024
"""Bytes up to which sha256sum takes the checksum; openssl, whose lines look otherwise, takes it of larger files."""

_SHOWN = 64 * 1024

_PROPERTIES = (
    "Id", "LoadState", "ActiveState", "SubState", "UnitFileState", "NeedDaemonReload",
    "ExecMainStartTimestamp", "ActiveEnterTimestamp", "StateChangeTimestamp",
)  # fmt: skip

_OS_LINE = re.compile(r'^([A-Z_]*)="?([^"\n]*)"?$', re.MULTILINE)
_SYSCTL_LINE = re.compile(r"^([^#=\n]*[^#= \n]) *= *(.*)$", re.MULTILINE)
_MODULE_LINE = re.compile(r"^[A-Za-z0-9_-]+$", re.MULTILINE)


@script(r"# Says what this machine is like; touches nothing\.")
async def facts(call: Call, text: str) -> int:
    """Answers requests "KIND VALUE", one a line of standard input."""
    machine = call.machine
    asked = _requests(await whole_lines(call.stdin))
    units = ["units\n" + "\n".join(show(machine, asked["unit"], _PROPERTIES))] if asked["unit"] else []
    # All at once: each piece would be a packet of its own.
    call.out("".join([*(f"{line}\n" for line in answer(machine, asked)), *units]))
    return 0


def answer(machine: Machine, asked: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """All lines but systemd's."""
    yield f"clock\t{machine.clock():.9f}"
    yield f"arch\t{ARCHITECTURE}"
    yield from _sysctls(machine, asked["sysctl"])
    yield from (f"module\t{name}" for name in asked["module"] if machine.kernel.has_module(name))
    if asked["host"]:
        yield from _host(machine)
    yield from _looks((path, machine.files.entry(path, follow=False)) for path in asked["path"])
    for path in asked["tree"]:
        yield from _looks(machine.files.tree(path))
    yield from _differing(machine, asked["shown"])
    yield from _packages(machine, asked["package"])
    sysctls = machine.files.text("/etc/sysctl.d/90-gondolier.conf")
    yield from (f"kept-sysctl\t{key}\t{value}" for key, value in _SYSCTL_LINE.findall(sysctls))
    modules = machine.files.text("/etc/modules-load.d/90-gondolier.conf")
    yield from (f"kept-module\t{name}" for name in _MODULE_LINE.findall(modules))


def show(machine: Machine, units: Iterable[str], properties: Sequence[str] = ()) -> list[str]:
    """`systemctl show` for units: blocks of the properties that are asked for, in systemctl's own order."""
    blocks = []
    for name in units:
        known = machine.units.state(name).properties()
        lines = [f"{key}={value}\n" for key, value in known.items() if not properties or key in properties]
        blocks.append("".join(lines))
    return blocks


def _requests(lines: Iterable[str]) -> defaultdict[str, list[str]]:
    asked: defaultdict[str, list[str]] = defaultdict(list)
    for line in lines:
        kind, _, value = line.partition(" ")
        asked[kind].append(value.strip())
    return asked


def _sysctls(machine: Machine, paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        value = machine.kernel.sysctl(path)
        if value is not None:
            yield f"sysctl\t{path}\tyes\t{value.replace(chr(9), ' ')}"


def _looks(found: Iterable[tuple[str, Entry | None]]) -> Iterator[str]:
    there = [(path, entry) for path, entry in found if entry is not None]
    for path, entry in there:
        changed = f"{int(entry.changed)}.{int(entry.changed % 1 * 1e9):09}0"
        fields = (entry.kind, f"{entry.mode:o}", entry.owner, entry.group, str(entry.size), changed, path)
        yield "\t".join(("path", *fields))
    for path, entry in there:
        if entry.kind == "f":
            yield f"{entry.sha256} {' ' if entry.size <= _SMALL else '*'}{path}"


def _differing(machine: Machine, shown: Iterable[str]) -> Iterator[str]:
    for request in shown:
        digest, _, path = request.partition(" ")
        entry = machine.files.entry(path, follow=False)
        if entry and entry.kind == "f" and entry.sha256 != digest and entry.size <= _SHOWN:
            yield f"content\t{path}\t{base64.b64encode(entry.content or b'').decode()}"


def _packages(machine: Machine, names: Iterable[str]) -> Iterator[str]:
    installed = machine.packages.installed
    return (f"package\t{name}\tii \t{installed[name]}" for name in sorted(set(names)) if name in installed)


def _host(machine: Machine) -> Iterator[str]:
    wish, files = machine.record.wish, machine.files
    free = 0 if machine.world.faults.active("disk-full", machine) else wish.disk // 1024 * 9 // 10
    yield f"host\tkernel\t{RELEASE}"
    yield f"host\thostname\t{machine.name}"
    yield from (f"host\tos.{key}\t{value}" for key, value in _OS_LINE.findall(files.text("/etc/os-release")) if key)
    yield f"host\tmachine-id\t{files.text('/etc/machine-id').strip()}"
    yield f"host\tboot-id\t{machine.boot_id}"
    yield f"host\tuptime\t{max(0.0, machine.clock() - machine.record.booted):.2f}"
    yield f"host\tprocessors\t{wish.processors}"
    yield f"host\tmemory\t{wish.memory // 1024}"
    yield f"host\tfree./\t{free}"
    yield f"host\tfree./var/lib\t{free}"
    yield "host\tcgroup\tcgroup2fs"
    for line in files.text("/etc/resolv.conf").splitlines():
        if line.startswith("nameserver "):
            yield f"host\tnameserver\t{line.split()[1]}"
    if (said := files.read("/etc/gondolier/machine.json")) is not None:
        yield f"host\tmachine\t{base64.b64encode(said).decode()}"
