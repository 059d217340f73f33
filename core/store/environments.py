"""Environments: what is deployed, in which version, and how it stands."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.store.database import Database
from core.store.errors import Refusal

EnvironmentState = Literal["new", "pending", "deploying", "ready", "deploy failure", "deleting", "delete failure"]

# A failure or a live run says more than an open draft; "pending" is therefore derived and never stored.
_SELECT = """
SELECT id, name, document, version, created, updated, draft,
       CASE WHEN draft AND status IN ('new', 'ready') THEN 'pending' ELSE status END AS status
FROM (SELECT environments.*, EXISTS (
          SELECT 1 FROM drafts
          WHERE drafts.environment = environments.id AND drafts.document IS NOT environments.document) AS draft
      FROM environments)
"""


@dataclass(frozen=True, slots=True)
class EnvironmentRecord:
    """An environment as the database knows it.

    `document` is the text of the newest deployment that was begun, None before the first. `version` counts how often
    that text changed. `draft` says that somebody's draft differs from it; such an environment that is otherwise at
    rest is "pending". Times are seconds since the epoch.
    """

    id: str
    name: str
    document: str | None
    version: int
    status: EnvironmentState
    draft: bool
    created: float
    updated: float


class Environments:
    """The table of environments."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def create(self, name: str) -> EnvironmentRecord:
        """Add a new environment.

        Raises:
            Refusal: there is one of this name.
        """
        with self._database.transaction():
            if self.get(name) is not None:
                raise Refusal(f"there is an environment called {name} already", fix="choose another name")
            return self.ensure(name)

    def ensure(self, name: str) -> EnvironmentRecord:
        """The environment of this name, which is made where it is missing."""
        now = self._clock()
        statement = "INSERT OR IGNORE INTO environments (id, name, created, updated) VALUES (?, ?, ?, ?)"
        with self._database.transaction() as connection:
            connection.execute(statement, (str(uuid.uuid4()), name, now, now))
            return self.require(name)

    def get(self, name: str) -> EnvironmentRecord | None:
        """The environment of this name, or None."""
        row = self._database.row(f"{_SELECT} WHERE name = ?", (name,))
        return _record(row) if row else None

    def require(self, name: str) -> EnvironmentRecord:
        """The environment of this name.

        Raises:
            Refusal: there is none.
        """
        found = self.get(name)
        if found is None:
            raise Refusal(f"there is no environment called {name}", fix="`gondolier environments` lists them")
        return found

    def list(self) -> list[EnvironmentRecord]:
        """All environments by name."""
        return [_record(row) for row in self._database.rows(f"{_SELECT} ORDER BY name")]

    def delete(self, name: str) -> None:
        """Forget the environment with all that belongs to it; key files are `core.store.keys`' business."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM environments WHERE name = ?", (name,))


def _record(row: sqlite3.Row) -> EnvironmentRecord:
    return EnvironmentRecord(**{**dict(row), "draft": bool(row["draft"])})
