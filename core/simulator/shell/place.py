"""Putting directories and files in place, each one whole or not at all."""

from __future__ import annotations

import asyncio
import errno
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.simulator.errors import MachineError, no_space
from core.simulator.machine.files import KEPT_SIZE, parent
from core.simulator.shell.calls import Call
from core.simulator.shell.scripts import script

_CHUNK = 1 << 18
_USAGE = "usage\t/dev/vda1        40G  3.8G   35G  10% /\n"
_FULL_USAGE = "usage\t/dev/vda1        40G   40G     0 100% /\n"


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the input."""

    kind: str
    digest: str
    size: str
    mode: str
    owner: str
    path: str

    @property
    def bits(self) -> int:
        return int(self.mode, 8)


@script(r"# Puts directories and files in place, each one whole or not at all\.")
async def place(call: Call, text: str) -> int:
    """Carries out the operations of standard input, up to the first that fails."""
    while (line := (await call.stdin.readline()).decode(errors="replace")).endswith("\n"):
        operation = Operation(*(line.rstrip("\n").split(" ", 5) + [""] * 6)[:6])
        run = _OPERATIONS.get(operation.kind)
        if run is None:
            call.err(f"unknown operation {operation.kind}\n")
            return 2
        try:
            await run(call, operation)
        except (MachineError, asyncio.IncompleteReadError) as error:
            call.err(_said(operation, error))
            call.err(f"failed\t{operation.path}\n{_usage(call, operation)}")
            return 1
    return 0


async def _directory(call: Call, operation: Operation) -> None:
    call.machine.files.mkdir(operation.path, operation.bits, operation.owner)


async def _absent(call: Call, operation: Operation) -> None:
    call.machine.files.remove(operation.path)


async def _file(call: Call, operation: Operation) -> None:
    size, digest = int(operation.size), hashlib.sha256()
    kept, left = bytearray(), size
    if call.world.faults.active("disk-full", call.machine):
        raise no_space()
    while left:
        piece = await call.stdin.readexactly(min(left, _CHUNK))
        digest.update(piece)
        left -= len(piece)
        if size <= KEPT_SIZE:
            kept += piece
    if digest.hexdigest() != operation.digest:
        raise MachineError(0, "checksum differs from what was sent")
    content = bytes(kept) if size <= KEPT_SIZE else None
    call.machine.files.write_digest(
        operation.path, size, operation.digest, operation.bits, operation.owner, content=content
    )


async def _copy(call: Call, operation: Operation) -> None:
    source = call.machine.files.entry((await call.stdin.readline()).decode().rstrip("\n"))
    if source is None or source.sha256 != operation.digest:
        call.out(f"missing\t{operation.path}\n")
        return
    call.machine.files.write_digest(
        operation.path, source.size, source.sha256, operation.bits, operation.owner, content=source.content
    )


_OPERATIONS: dict[str, Callable[[Call, Operation], Awaitable[None]]] = {
    "directory": _directory,
    "absent": _absent,
    "file": _file,
    "copy": _copy,
}


def _usage(call: Call, operation: Operation) -> str:
    """df's line about the folder's file system, nothing where there is no such folder."""
    if not call.machine.files.exists(parent(operation.path)):
        return ""
    return _FULL_USAGE if call.world.faults.active("disk-full", call.machine) else _USAGE


def _full(error: Exception) -> bool:
    return isinstance(error, MachineError) and error.errno == no_space().errno


def _said(operation: Operation, error: Exception) -> str:
    """What the programs of the script say: head, mkdir, the script itself."""
    if isinstance(error, asyncio.IncompleteReadError):
        return "checksum differs from what was sent\n"
    if not isinstance(error, MachineError):
        return f"{error}\n"
    if _full(error) and operation.kind == "file":
        return f"head: error writing 'standard output': {error.strerror}\n"
    if error.errno == errno.EISDIR:
        return f"mv: cannot overwrite directory '{operation.path}' with non-directory\n"
    if error.filename or operation.kind == "directory":
        exists = error.filename == (operation.path if operation.kind == "directory" else parent(operation.path))
        return f"mkdir: cannot create directory '{error.filename}': {'File exists' if exists else error.strerror}\n"
    return f"{error.strerror}\n"
