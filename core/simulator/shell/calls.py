"""A command's call: what it is given and where its output goes; and the registry of commands by name."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine
    from core.simulator.world import World


class Input(Protocol):
    """A command's standard input."""

    async def read(self, n: int = -1) -> bytes: ...

    async def readline(self) -> bytes: ...

    async def readexactly(self, n: int) -> bytes: ...


class Output(Protocol):
    """Where a command writes."""

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None: ...


class Collected:
    """An output that is kept."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.pieces.append(data)

    async def drain(self) -> None:
        """There is always room."""

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)


class Nowhere:
    """/dev/null."""

    def write(self, data: bytes) -> None:
        """It is gone."""

    async def drain(self) -> None:
        """There is always room."""


def given(data: bytes) -> Input:
    """An input that holds this and ends."""
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader


async def whole_lines(stdin: Input) -> list[str]:
    """All lines of an input as `while read` sees them: one that was cut off before its end is none."""
    return (await stdin.read()).decode(errors="replace").split("\n")[:-1]


@dataclass(slots=True)
class Call:
    """One command on a machine, `argv` with its name first. `environ` is what was assigned before it."""

    machine: Machine
    argv: tuple[str, ...]
    stdin: Input
    stdout: Output
    stderr: Output
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.machine.world

    @property
    def arguments(self) -> tuple[str, ...]:
        """What comes after the command's name."""
        return self.argv[1:]

    def out(self, text: str) -> None:
        """Write to standard output; nothing is added."""
        self.stdout.write(text.encode())

    def err(self, text: str) -> None:
        """Write to standard error; nothing is added."""
        self.stderr.write(text.encode())


class Exited(Exception):
    """`exit` was met: the text that it is in ends with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


Command = Callable[[Call], Awaitable[int]]
"""Runs a command to its end and gives its exit status."""

Made = TypeVar("Made", bound=Command)

COMMANDS: dict[str, Command] = {}
"""Commands by their base name."""


def command(*names: str) -> Callable[[Made], Made]:
    """Register what runs the commands of these names. Every module of this package is imported when it is first used;
    a command that lives elsewhere needs a module here that registers it.
    """

    def register(run: Made) -> Made:
        COMMANDS.update(dict.fromkeys(names, run))
        return run

    return register


@cache
def load_commands() -> None:
    """Import every module of this package, so that all are registered; once, by whoever needs them first."""
    package = importlib.import_module("core.simulator.shell")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"core.simulator.shell.{module.name}")
