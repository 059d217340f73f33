"""Report lines: what a deployment told its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Literal

from core.store.database import Database

LineLevel = Literal["info", "warning", "error"]

_INSERT = "INSERT INTO lines (deployment, number, time, component, level, text) VALUES (?, ?, ?, ?, ?, ?)"
_OF_COMPONENT = """
SELECT lines.* FROM lines
JOIN deployments ON deployments.id = lines.deployment JOIN environments ON environments.id = deployments.environment
WHERE environments.name = ? AND component = ? ORDER BY deployment DESC, lines.number DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `number` counts in its deployment from 1, `time` is seconds since the epoch."""

    deployment: int
    number: int
    time: float
    component: str
    level: LineLevel
    text: str


class Lines:
    """The table of report lines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, lines: Sequence[Line]) -> None:
        """Add lines; a number is used once only in a deployment."""
        with self._database.transaction() as connection:
            connection.executemany(_INSERT, [astuple(line) for line in lines])

    def after(self, deployment: int, number: int = 0) -> list[Line]:
        """The lines of a deployment that come after this number, in order."""
        query = "SELECT * FROM lines WHERE deployment = ? AND number > ? ORDER BY number"
        return [Line(**dict(row)) for row in self._database.rows(query, (deployment, number))]

    def last_number(self, deployment: int) -> int:
        """The number of a deployment's last line, 0 where it has none."""
        row = self._database.row("SELECT COALESCE(MAX(number), 0) FROM lines WHERE deployment = ?", (deployment,))
        return int(row[0]) if row else 0

    def of_component(self, environment: str, component: str, most: int = 500) -> list[Line]:
        """The newest lines about a component over all deployments, in the order they were told."""
        rows = self._database.rows(_OF_COMPONENT, (environment, component, most))
        return [Line(**dict(row)) for row in reversed(rows)]
