"""What a unit runs: the protocol of programs, what they are given, and the registry by name.

A program is found by the base name of what ExecStart starts. Three starters are looked through: of `python3 SCRIPT`
and `sh SCRIPT` it is the script's base name, of `ctr … run … IMAGE NAME` the container's name. Every module of this
package is imported when a world opens; each registers what it has with `@program(NAME)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine
    from core.simulator.world import World


class Program(Protocol):
    """What a unit runs.

    `start` returns when the program is ready: a unit of Type=notify is active then, one of Type=simple was already, one
    of Type=oneshot has done its work. `stop` is asked of a program that runs; it is not called after `exited`.

    Raises (start):
        ProgramFailed: it ends, with these last words.
    """

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class ProgramFailed(Exception):
    """A program ended by itself: `text` is what it wrote last, `status` what it ended with."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@dataclass(slots=True)
class Context:
    """What a program is given: where it runs, how it was started, and how it tells what happens to it.

    `argv` is ExecStart's, parsed, with its variables replaced; `environ` what the unit's environment files hold.
    """

    machine: Machine
    world: World
    unit: str
    argv: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    on_exit: Callable[[int, str], None] = lambda status, text: None

    def log(self, text: str) -> None:
        """Write to the machine's journal under the unit."""
        pid = self.machine.units.service(self.unit).state.pid
        self.machine.journal.append(self.unit, text, source=program_name(self.argv), pid=pid)

    def exited(self, status: int, text: str) -> None:
        """The program has ended by itself; systemd does what the unit says about it."""
        self.on_exit(status, text)

    def option(self, name: str, default: str = "") -> str:
        """The value of `--name=value` or `--name value` in the arguments."""
        for position, word in enumerate(self.argv):
            if word.startswith(f"--{name}="):
                return word.partition("=")[2]
            if word == f"--{name}" and position + 1 < len(self.argv):
                return self.argv[position + 1]
        return default

    def needed(self, *paths: str) -> None:
        """Raises `ProgramFailed` in the words of most programs when a file is not there."""
        for path in paths:
            if not self.machine.files.exists(path):
                raise ProgramFailed(f"open {path}: no such file or directory")


Maker = Callable[[Context], Program]
Made = TypeVar("Made", bound=Maker)

PROGRAMS: dict[str, Maker] = {}
"""Programs by name."""


def program(*names: str) -> Callable[[Made], Made]:
    """Register what makes the programs of these names."""

    def register(maker: Made) -> Made:
        PROGRAMS.update(dict.fromkeys(names, maker))
        return maker

    return register


def program_name(argv: Sequence[str]) -> str:
    """The name under which a command line's program is registered."""
    name = PurePosixPath(argv[0]).name
    if name == "ctr" and "run" in argv:
        return argv[-1]
    if name in ("python3", "sh"):
        scripts = [word for word in argv[1:] if not word.startswith("-")]
        return PurePosixPath(scripts[0]).name if scripts else name
    return name


@cache
def load_programs() -> None:
    """Import every module of this package, so that all are registered; once, by whoever needs them first."""
    package = importlib.import_module("core.simulator.programs")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"core.simulator.programs.{module.name}")
