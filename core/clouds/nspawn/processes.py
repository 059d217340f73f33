"""Which processes carry a machine: found by what they run, so that no file can be stale.

Source: proc(5). A machine's processes have `--directory=ROOT` among their arguments; ROOT is unique on this host.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = "systemd-nspawn"


@dataclass(frozen=True, slots=True)
class Carriers:
    """Processes of one machine on the host.

    `keepers` start the machine again after a reboot, `containers` are systemd-nspawn itself, `init` the machine's
    first process, None while it has not started.
    """

    keepers: tuple[int, ...] = ()
    containers: tuple[int, ...] = ()
    init: int | None = None

    @property
    def running(self) -> bool:
        """Whether the machine's own init runs."""
        return self.init is not None

    @property
    def present(self) -> bool:
        """Whether anything of the machine exists, be it on its way up or down."""
        return bool(self.keepers or self.containers)


def carriers(roots: set[Path]) -> dict[Path, Carriers]:
    """Find the processes of several machines, given by their root directories, in one pass."""
    commands = _commands()
    wanted = {f"--directory={root}": root for root in roots}
    groups: dict[Path, dict[int, list[str]]] = {root: {} for root in roots}
    for pid, words in commands.items():
        for word in words:
            if word in wanted:
                groups[wanted[word]][pid] = words
    parents = {pid: _parent(pid) for pid in commands}
    return {root: _sorted(group, commands, parents) for root, group in groups.items()}


def send(pids: tuple[int, ...], number: signal.Signals) -> None:
    """Send a signal to processes; those already gone are fine."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _sorted(group: dict[int, list[str]], commands: dict[int, list[str]], parents: dict[int, int]) -> Carriers:
    containers = tuple(sorted(pid for pid, words in group.items() if Path(words[0]).name == _PROGRAM))
    keepers = tuple(sorted(group.keys() - set(containers)))
    children = [pid for pid, parent in parents.items() if parent in containers and pid not in group]
    inits = [pid for pid in children if _is_init(pid) and commands[pid] and Path(commands[pid][0]).name != _PROGRAM]
    return Carriers(keepers, containers, inits[0] if inits else None)


def _commands() -> dict[int, list[str]]:
    """Arguments of every process; a process without arguments (kernel thread, zombie) is left out."""
    found: dict[int, list[str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            words = _read(entry / "cmdline").split("\0")
            if words[0]:
                found[int(entry.name)] = words
    return found


def _parent(pid: int) -> int:
    """The parent's id; 0 for a process that is gone."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return int(fields[1]) if len(fields) > 1 else 0


def _is_init(pid: int) -> bool:
    """Whether it is process 1 of a process-id namespace within ours."""
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        if line.startswith("NSpid:"):
            return len(line.split()) == 3 and line.split()[2] == "1"
    return False


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
