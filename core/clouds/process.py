"""Programs of this machine, run without blocking the event loop."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass

from core.engine.errors import Transient, Trouble


@dataclass(frozen=True, slots=True)
class Completed:
    """How a program ended: its exit status and what it wrote."""

    status: int
    stdout: str
    stderr: str


async def run(*command: str, stdin: str | None = None, check: bool = True, timeout: float = 60) -> Completed:
    """Run a program of this machine to its end; arguments must hold no secret.

    Args:
        stdin: text given to the program.
        check: a status other than 0 is an error.
        timeout: seconds, after which the program is killed.

    Raises:
        Trouble: the program is not installed, or failed (with `check`).
        Transient: it did not end in time.
    """
    process = await _start(command, stdin is not None)
    try:
        async with asyncio.timeout(timeout):
            out, err = await process.communicate(stdin.encode() if stdin is not None else None)
    except TimeoutError as error:
        raise Transient(f"`{_short(command)}` did not end within {timeout:.0f} s", where="this machine") from error
    finally:
        await _end(process)
    done = Completed(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))
    if check and done.status:
        raise failure(command, done)
    return done


async def lines(
    *command: str, environment: Mapping[str, str] | None = None, keep_open: Collection[int] = ()
) -> AsyncGenerator[str, None]:
    """Run a program and give its output (both streams) line by line.

    Args:
        environment: variables beside those of this process.
        keep_open: file descriptors that the program inherits.

    Raises:
        Trouble: the program is not installed, or failed; the message holds its last lines.
    """
    process = await _start_piped(command, environment or {}, keep_open)
    assert process.stdout is not None
    tail: list[str] = []
    try:
        async for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip()
            tail = [*tail[-9:], line]
            yield line
        status = await process.wait()
    finally:
        await _end(process)
    if status:
        raise failure(command, Completed(status, "", "\n".join(tail)))


def failure(command: Collection[str], done: Completed) -> Trouble:
    """Make the error for a program that failed, with the last lines of what it said."""
    said = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-6:]
    words = ": " + " / ".join(said) if said else ""
    return Trouble(f"`{_short(command)}` failed with status {done.status}{words}", where="this machine")


async def _start(command: tuple[str, ...], with_input: bool) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command, stdin=PIPE if with_input else DEVNULL, stdout=PIPE, stderr=PIPE
        )
    except FileNotFoundError as error:
        raise _absent(command[0]) from error


async def _start_piped(
    command: tuple[str, ...], environment: Mapping[str, str], keep_open: Collection[int]
) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **environment},
            pass_fds=tuple(keep_open),
            limit=1 << 20,
        )
    except FileNotFoundError as error:
        raise _absent(command[0]) from error


async def _end(process: asyncio.subprocess.Process) -> None:
    """Leave no program behind when the caller was cancelled or gave up."""
    if process.returncode is None:
        process.kill()
        await process.wait()


def _absent(program: str) -> Trouble:
    return Trouble(
        f"the program {program} is not installed", where="this machine", fix=f"install the package that has {program}"
    )


def _short(command: Collection[str]) -> str:
    text = " ".join(command)
    return text if len(text) <= 160 else text[:159] + "…"
