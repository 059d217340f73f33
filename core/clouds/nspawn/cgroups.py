"""Control groups of machines: one per machine in every hierarchy that systemd does not keep for itself.

A machine's cgroup namespace begins at its own cgroup, so that its kubelet, containers and systemd see "/" and cannot
meet those of another machine. Source: cgroups(7), the kernel's cgroup-v1/cpusets and cgroup-v2 texts.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.engine.errors import Trouble

_CPU_PERIOD = 100_000
_DELEGATED = ("cpu", "cpuset", "io", "memory", "pids", "hugetlb")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a machine may use: bytes of memory and a number of processors; None is without limit."""

    memory: int | None = None
    cpus: float | None = None


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A mounted cgroup tree; `controllers` are those of a version 1 tree."""

    root: Path
    version: int
    controllers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seats:
    """Where a machine's processes are put: the keeper (which starts it again after a reboot) and the machine itself.

    They differ in version 2 trees, where only leaves may hold processes.
    """

    keeper: tuple[Path, ...]
    machine: tuple[Path, ...]


def hierarchies(mountinfo: str | None = None) -> list[Hierarchy]:
    """Read which cgroup trees are mounted; a tree mounted twice is given once."""
    text = Path("/proc/self/mountinfo").read_text() if mountinfo is None else mountinfo
    found: dict[str, Hierarchy] = {}
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root = Path(before.split(" ")[4])
        if kind == "cgroup2":
            found.setdefault(before.split(" ")[2], Hierarchy(root, 2, frozenset()))
        elif kind == "cgroup":
            found.setdefault(before.split(" ")[2], Hierarchy(root, 1, frozenset(options.split(","))))
    return list(found.values())


def under_systemd() -> bool:
    """Whether systemd runs this host (sd_booted(3))."""
    return Path("/run/systemd/system").is_dir()


def owned() -> list[Hierarchy]:
    """The trees in which machines get cgroups from here.

    Where systemd runs this host, the version 2 tree and its own version 1 tree are its business; in the other version 1
    trees it makes groups only for what it limits (never in cpuset), and machines would meet there.
    """
    if not under_systemd():
        return hierarchies()
    return [tree for tree in hierarchies() if tree.version == 1 and "name=systemd" not in tree.controllers]


def version(trees: list[Hierarchy] | None = None) -> int:
    """The version machines will see: 2 only where no version 1 tree is mounted."""
    mounted = hierarchies() if trees is None else trees
    return 2 if mounted and all(tree.version == 2 for tree in mounted) else 1


def unenforced(limits: Limits, trees: list[Hierarchy] | None = None) -> list[str]:
    """Controllers that the limits need and no mounted tree has."""
    mounted = hierarchies() if trees is None else trees
    present = {
        name for tree in mounted for name in (*tree.controllers, *_read(tree.root / "cgroup.controllers").split())
    }
    wanted = {"memory": limits.memory, "cpu": limits.cpus}
    return [name for name, limit in wanted.items() if limit and name not in present]


def prepare(path: str, limits: Limits) -> Seats:
    """Make the cgroup `path` in every tree of ours, with its limits.

    Raises:
        Trouble: the kernel refuses, or has no controller for a limit.
    """
    for name in unenforced(limits):
        raise Trouble(f"this kernel cannot limit {name}", where="this machine", fix="leave the limit out")
    keeper: list[Path] = []
    machine: list[Path] = []
    for tree in owned():
        try:
            group = _made(tree, path)
            _limit(tree, group, limits)
            seats = (group, group) if tree.version == 1 else _leaves(group)
        except OSError as error:
            what = f"cgroup {tree.root / path} cannot be made: {error.strerror}"
            raise Trouble(what, where="this machine") from error
        keeper.append(seats[0])
        machine.append(seats[1])
    return Seats(tuple(keeper), tuple(machine))


def processes(path: str) -> set[int]:
    """Ids of all processes in the cgroup and below it, in any tree of ours."""
    found: set[int] = set()
    for tree in owned():
        for group in _below(tree.root / path):
            found.update(int(line) for line in _read(group / "cgroup.procs").split())
    return found


async def kill(path: str, attempts: int = 100) -> None:
    """Kill what still runs in the cgroup and wait until it is gone.

    Raises:
        Trouble: something does not die (it hangs in the kernel).
    """
    for _ in range(attempts):
        left = processes(path)
        if not left:
            return
        for pid in left:
            _signal(pid)
        await asyncio.sleep(0.05)
    what = f"processes {sorted(left)} of {path} do not end"
    raise Trouble(what, where="this machine", fix="see what they wait for: ps -o pid,stat,wchan")


def remove(path: str) -> None:
    """Remove the cgroup with all below it, and parents of ours that hold nothing else."""
    for tree in owned():
        for group in reversed(list(_below(tree.root / path))):
            _remove(group)
        for parent in Path(path).parents:
            if parent.parts:
                _remove(tree.root / parent)


def _made(tree: Hierarchy, path: str) -> Path:
    group = tree.root
    for part in Path(path).parts:
        _delegate(tree, group)
        group = group / part
        group.mkdir(exist_ok=True)
        if "cpuset" in tree.controllers:
            _copy_cpuset(group)
    return group


def _copy_cpuset(group: Path) -> None:
    """A new version 1 cpuset is empty and takes no process until it has processors and memory nodes."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        if not _read(group / name).strip():
            (group / name).write_text(_read(group.parent / name))


def _delegate(tree: Hierarchy, group: Path) -> None:
    if tree.version == 2:
        present = _read(group / "cgroup.controllers").split()
        wanted = " ".join(f"+{name}" for name in _DELEGATED if name in present)
        if wanted:
            (group / "cgroup.subtree_control").write_text(wanted)


def _leaves(group: Path) -> tuple[Path, Path]:
    _delegate(Hierarchy(group, 2, frozenset()), group)
    for name in ("keeper", "machine"):
        (group / name).mkdir(exist_ok=True)
    return group / "keeper", group / "machine"


def _limit(tree: Hierarchy, group: Path, limits: Limits) -> None:
    quota = int(limits.cpus * _CPU_PERIOD) if limits.cpus else None
    values = {
        "memory.limit_in_bytes": limits.memory or -1,
        "cpu.cfs_quota_us": quota or -1,
        "memory.max": limits.memory or "max",
        "cpu.max": f"{quota or 'max'} {_CPU_PERIOD}",
    }
    for name, value in values.items():
        if (group / name).exists():
            (group / name).write_text(str(value))


def _below(group: Path) -> Iterator[Path]:
    """The group and all under it, parents first."""
    if group.is_dir():
        yield group
        for entry in sorted(group.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                yield from _below(entry)


def _remove(group: Path) -> None:
    """A group that still has members or children stays: it is not ours alone."""
    try:
        group.rmdir()
    except OSError:
        return


def _signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
