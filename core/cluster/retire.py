"""Giving a machine back that stays after it left: nothing of the cluster goes on running there."""

from __future__ import annotations

from pathlib import Path

from core.engine.errors import Trouble
from core.engine.step import Report
from core.machines.connections import Connections

_PATIENCE = 20.0
"""Seconds that a machine may take to let us in."""

_SCRIPT = (Path(__file__).with_name("templates") / "retire.sh").read_text()


async def retire(connections: Connections, name: str, report: Report) -> None:
    """Stop the cluster's daemons on a machine and remove their configuration and state.

    A machine that cannot be entered is given back as it is, and the report says so.

    Raises:
        Trouble: a daemon cannot be stopped.
    """
    try:
        connection = await connections.get(name)
        await connection.wait(_PATIENCE)
    except Trouble as trouble:
        report(f"{name} cannot be entered and keeps what runs there: {trouble}", "warning")
        return
    await connection.run("sh -s", stdin=_SCRIPT, timeout=180)
    report(f"{name}: the cluster's daemons are stopped and their state is removed")
