"""Drafts: documents that wait to be deployed; the first to deploy wins."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from core.store.database import Database
from core.store.environments import Environments
from core.store.errors import Refusal

_SELECT = """
SELECT drafts.id, environments.name AS environment, drafts.document, drafts.base, drafts.author, drafts.updated
FROM drafts JOIN environments ON environments.id = drafts.environment
"""
_SAVE = """
INSERT INTO drafts (environment, document, base, author, updated) VALUES (?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that `author` wants; `base` is the version of the environment that it was made from."""

    id: int
    environment: str
    document: str
    base: int
    author: str
    updated: float


class Drafts:
    """The table of drafts: at most one of each author in an environment."""

    def __init__(self, database: Database, environments: Environments, clock: Callable[[], float]) -> None:
        self._database = database
        self._environments = environments
        self._clock = clock

    def save(self, environment: str, document: str, author: str, base: int | None = None) -> Draft:
        """Keep the author's draft in place of an earlier one, all or nothing; a missing environment is made.

        `base` is the version that the text was made from, by default the environment's current one. The draft gets
        an id of its own each time, so that nobody deploys a text that was replaced under them.
        """
        with self._database.transaction() as connection:
            record = self._environments.ensure(environment)
            made_from = record.version if base is None else base
            connection.execute("DELETE FROM drafts WHERE environment = ? AND author = ?", (record.id, author))
            cursor = connection.execute(_SAVE, (record.id, document, made_from, author, self._clock()))
            return self.require(cursor.lastrowid or 0)

    def require(self, draft: int) -> Draft:
        """The draft of this id.

        Raises:
            Refusal: it was replaced, deployed or discarded.
        """
        row = self._database.row(f"{_SELECT} WHERE drafts.id = ?", (draft,))
        if row is None:
            raise Refusal(f"there is no draft {draft} any more: it was replaced, deployed or discarded")
        return _record(row)

    def of(self, environment: str, author: str) -> Draft | None:
        """The author's draft of an environment, or None."""
        query = f"{_SELECT} WHERE environments.name = ? AND author = ?"
        row = self._database.row(query, (environment, author))
        return _record(row) if row else None

    def list(self, environment: str) -> list[Draft]:
        """All drafts of an environment, the newest first."""
        query = f"{_SELECT} WHERE environments.name = ? ORDER BY drafts.id DESC"
        return [_record(row) for row in self._database.rows(query, (environment,))]

    def discard(self, draft: int) -> None:
        """Remove a draft; one that is gone already is no trouble."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM drafts WHERE id = ?", (draft,))


def _record(row: sqlite3.Row) -> Draft:
    return Draft(**dict(row))
