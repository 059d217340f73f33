"""A machine's facts, gathered in one round trip that touches nothing."""

from __future__ import annotations

from core.engine.errors import Trouble
from core.machines.connection import Connection
from core.machines.facts_text import parsed, parsed_host, requests
from core.machines.observed import Facts, HostFacts, PathFact, SysctlFact, UnitFact
from core.machines.outcome import last_lines
from core.machines.scripts import script
from core.machines.state import Desired

__all__ = ["Facts", "HostFacts", "PathFact", "SysctlFact", "UnitFact", "gather", "gather_host"]

_FACTS = script("facts.sh")


async def gather(connection: Connection, desired: Desired) -> Facts:
    """See as much of the machine as the wish asks about.

    Raises:
        Trouble: the machine's systemd or shell does not answer as it should.
        Unreachable: the connection was lost.
    """
    answer = await _asked(connection, "\n".join(requests(desired)))
    try:
        return parsed(desired, answer)
    except ValueError as error:
        raise _strange(connection, error) from error


async def gather_host(connection: Connection) -> HostFacts:
    """See what kind of machine it is.

    Raises:
        Trouble: the machine does not answer as a Linux machine does.
        Unreachable: the connection was lost.
    """
    answer = await _asked(connection, "host")
    try:
        return parsed_host(answer)
    except (ValueError, KeyError) as error:
        raise _strange(connection, error) from error


async def _asked(connection: Connection, wishes: str) -> str:
    done = await connection.feed(_FACTS, [f"{wishes}\n".encode()], timeout=120)
    if done.status:
        said = last_lines(done.stderr, 3)
        raise Trouble(f"its facts cannot be read (status {done.status}): {said}", where=connection.name)
    return done.stdout


def _strange(connection: Connection, error: Exception) -> Trouble:
    return Trouble(f"its facts cannot be understood: {error}", where=connection.name, fix="use a Debian-like machine")
