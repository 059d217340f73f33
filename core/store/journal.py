"""The step journal: what was about to be done, and how it ended; rows are only ever added."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Literal

from core.store.database import Database
from core.store.errors import Refusal
from core.store.lines import Line, Lines

StepEvent = Literal["intent", "done", "failed", "unchanged", "skipped", "cancelled"]

_COLUMNS = "deployment, step, component, target, phase, attempt, event, time, seconds, text"
_INSERT = f"INSERT INTO journal ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NEWEST_OF_STEPS = f"""
SELECT {_COLUMNS} FROM journal
WHERE id IN (SELECT MAX(id) FROM journal WHERE deployment = ? GROUP BY step) AND event = 'intent' ORDER BY id
"""
_SECONDS = """
SELECT phase, seconds FROM journal
JOIN deployments ON deployments.id = journal.deployment JOIN environments ON environments.id = deployments.environment
WHERE environments.name = ? AND event = 'done' AND seconds IS NOT NULL ORDER BY journal.id DESC LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A row of the journal.

    `attempt` counts the applies of a step from 1, 0 where nothing was applied. `seconds` is the time since the step
    began, None for an intent. `text` is what is about to be changed, or how it ended; never a file's content.
    """

    deployment: int
    step: str
    component: str
    target: str
    phase: str
    attempt: int
    event: StepEvent
    time: float
    seconds: float | None
    text: str


class JournalTable:
    """The table of journal entries."""

    def __init__(self, database: Database, lines: Lines) -> None:
        self._database = database
        self._lines = lines

    def append(self, deployment: int, entries: Sequence[JournalEntry], lines: Sequence[Line] = ()) -> None:
        """Add entries and report lines of a running deployment; they are on the disk when this returns.

        Raises:
            Refusal: the deployment does not run any more, because another process took over or removed it. A process
                that slept through its own burial learns it here, before it touches anything.
        """
        with self._database.transaction() as connection:
            self._check_running(deployment)
            connection.executemany(_INSERT, [astuple(entry) for entry in entries])
            self._lines.append(lines)

    def _check_running(self, deployment: int) -> None:
        row = self._database.row("SELECT number, state FROM deployments WHERE id = ?", (deployment,))
        if row is None:
            raise Refusal("this deployment is not recorded any more: its environment was removed meanwhile")
        if row["state"] != "running":
            raise Refusal(f"deployment {row['number']} is {row['state']} already: another run has taken over")

    def of(self, deployment: int) -> list[JournalEntry]:
        """All entries of a deployment, in order."""
        query = f"SELECT {_COLUMNS} FROM journal WHERE deployment = ? ORDER BY id"
        return [JournalEntry(**dict(row)) for row in self._database.rows(query, (deployment,))]

    def unfinished(self, deployment: int) -> list[JournalEntry]:
        """The intents of a deployment whose ending was never written: what was in flight when it was killed."""
        return [JournalEntry(**dict(row)) for row in self._database.rows(_NEWEST_OF_STEPS, (deployment,))]

    def durations(self, environment: str) -> dict[str, float]:
        """How long steps of each phase took here when they changed something: the median in seconds."""
        found: dict[str, list[float]] = defaultdict(list)
        for row in self._database.rows(_SECONDS, (environment,)):
            found[row["phase"]].append(row["seconds"])
        return {phase: statistics.median(seconds) for phase, seconds in found.items()}
