"""The runs of an environment as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.status import DeploymentStatus
from tui.view_models.plan import clock
from tui.view_models.report import STATES
from tui.view_models.table import Column, Table

KEYS = (
    ("enter", "Steps and report"),
    ("y", "What was deployed"),
    ("x", "What it changed"),
    ("r", "Read again"),
    ("esc", "Back"),
)
"""The keys of the runs."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the table."""

    deployment: DeploymentStatus

    @property
    def key(self) -> str:
        return str(self.deployment.number)


def runs_table() -> Table[RunRow]:
    """An empty table of runs, the newest first."""
    return Table(
        [
            Column("RUN", lambda row, now: str(row.deployment.number), lambda row: (-row.deployment.number,)),
            Column("ACTION", lambda row, now: row.deployment.action, lambda row: (row.deployment.action,)),
            Column("ENDED", lambda row, now: row.deployment.state, lambda row: (row.deployment.state,), tells=True),
            Column("BEGUN", lambda row, now: _moment(row.deployment.started), lambda row: (row.deployment.started,)),
            Column("TOOK", _took, lambda row: (row.deployment.ended or 0,), right=True),
            Column("BY", lambda row, now: row.deployment.owner, lambda row: (row.deployment.owner,)),
        ],
        lambda row: STATES.get(row.deployment.state, "unknown"),
    )


def _took(row: RunRow, now: float) -> str:
    ended = row.deployment.ended
    return clock((ended if ended is not None else now) - row.deployment.started)


def _moment(time: float) -> str:
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S")
