"""Packages of the machine's distribution."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from core.engine.errors import Transient, Trouble
from core.engine.step import Report
from core.machines.connection import Connection
from core.machines.outcome import Completed, last_lines
from core.machines.scripts import script

LOCK_PATIENCE = 180
"""Seconds to wait for others (cloud-init, unattended upgrades) that hold apt's locks."""

_PACKAGES = script("packages.sh")
_NAME = re.compile(r"[a-z0-9][a-z0-9+.:-]+")


async def install(connection: Connection, names: Sequence[str], report: Report) -> None:
    """Install packages with apt, after reading its lists anew where they are missing or out of date.

    Raises:
        Trouble: apt cannot install them; the message holds its last words.
        Transient: apt's lock stayed taken, or its sources do not answer.
    """
    if not names:
        return
    for name in names:
        if not _NAME.fullmatch(name):
            raise Trouble(f"{name!r} is no name of a package", where=connection.name)
    report(f"{connection.name}: installing {', '.join(names)}")
    # In a session of its own, so that no signal of ours ends it half way.
    command = f"setsid --wait sh -c {shlex.quote(_PACKAGES)} packages {LOCK_PATIENCE}"
    async with connection.exclusive:
        done = await connection.feed(command, [" ".join(names).encode()], timeout=900)
    if done.status:
        raise _apt_failure(connection.name, names, done)
    report(f"{connection.name}: installed {', '.join(names)}")


_PASSING = ("Could not get lock", "Unable to lock", "Temporary failure", "Failed to fetch")


def _apt_failure(machine: str, names: Sequence[str], done: Completed) -> Trouble:
    said = last_lines(done.stderr, 4)
    what = f"{', '.join(names)} cannot be installed: {said}"
    if any(words in done.stderr for words in _PASSING):
        return Transient(what, where=machine, fix="see what holds apt there, and whether its package sources answer")
    if "No space left" in done.stderr:
        return Trouble(what, where=machine, fix="make room on the machine")
    return Trouble(what, where=machine, fix="see the machine's package sources in /etc/apt")
