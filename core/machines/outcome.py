"""How a command on a machine ended, and the two ways in which a machine turns us away."""

from __future__ import annotations

from dataclasses import dataclass

from core.engine.errors import Refusal, Trouble

_SHOWN = 200
"""Characters of a command that an error shows."""


class WrongHostKey(Refusal):
    """The machine that answers is not the one that was pinned."""


class LoginRefused(Refusal):
    """The machine does not accept our key."""


@dataclass(frozen=True, slots=True)
class Completed:
    """Exit status (negative: the signal that ended it) and output of a command."""

    status: int
    stdout: str
    stderr: str


def failure(machine: str, command: str, done: Completed) -> Trouble:
    """The error for a command that failed, with the last lines of what it said."""
    if done.status == 1 and done.stderr.startswith("sudo:") and "password" in done.stderr:
        return LoginRefused("sudo asks for a password", where=machine, fix="allow the user to run sudo without one")
    said = last_lines(done.stderr or done.stdout, 5)
    words = f": {said}" if said else ""
    return Trouble(f"`{shortened(command)}` ended with status {done.status}{words}", where=machine)


def shortened(command: str) -> str:
    """A command as errors show it; a script of ours by its first line, which says what it does."""
    if command.startswith("# "):
        return command.partition("\n")[0].removeprefix("# ")
    return command if len(command) <= _SHOWN else command[: _SHOWN - 1] + "…"


def last_lines(text: str, count: int) -> str:
    """The last lines that are not empty, as one."""
    return " / ".join([line.strip() for line in text.splitlines() if line.strip()][-count:])
