"""The journal of operations: what people did to what runs; it outlives the environments that it tells of."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from core.store.database import Database

OperationResult = Literal["running", "succeeded", "failed", "cancelled"]

_INSERT = """
INSERT INTO operations (started, user, action, environment, cluster, subject, result, text, error, command)
VALUES (?, ?, ?, ?, ?, ?, 'running', '', '', ?)
"""
_END = "UPDATE operations SET ended = ?, result = ?, text = ?, error = ? WHERE id = ?"
_EXACT = ("environment", "cluster", "action", "result")
_SEARCHED = ("user", "action", "environment", "cluster", "subject", "text", "error", "command")
_ANYWHERE = f"instr(lower({' || char(10) || '.join(_SEARCHED)}), lower(?)) > 0"


@dataclass(frozen=True, slots=True)
class OperationRecord:
    """One operation; times are seconds since the epoch, `ended` is None while it goes on or where it never said."""

    id: int
    started: float
    ended: float | None
    user: str
    action: str
    environment: str
    cluster: str
    subject: str
    result: OperationResult
    text: str
    error: str
    command: str


class Operations:
    """The table of operations."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def begin(
        self, user: str, action: str, *, environment: str = "", cluster: str = "", subject: str = "", command: str = ""
    ) -> int:
        """Write that an operation begins; the answer is its number."""
        with self._database.transaction() as connection:
            row = (self._clock(), user, action, environment, cluster, subject, command)
            return int(connection.execute(_INSERT, row).lastrowid or 0)

    def end(self, id: int, result: OperationResult, text: str, error: str) -> None:
        """Write how it ended."""
        with self._database.transaction() as connection:
            connection.execute(_END, (self._clock(), result, text, error, id))

    def find(
        self, *, text: str = "", since: float | None = None, most: int = 1000, **exact: str
    ) -> list[OperationRecord]:
        """The newest first. Exact are environment, cluster, action and result; `text` is in any of the texts.

        Raises:
            ValueError: there is no such column.
        """
        if unknown := exact.keys() - set(_EXACT):
            raise ValueError(f"no exact column: {', '.join(unknown)}")
        wheres, values = _conditions(text, since, exact)
        query = f"SELECT * FROM operations WHERE {' AND '.join(wheres)} ORDER BY id DESC LIMIT ?"
        return [_record(row) for row in self._database.rows(query, [*values, most])]


def _conditions(text: str, since: float | None, exact: dict[str, str]) -> tuple[Sequence[str], list[object]]:
    wheres, values = ["1"], list[object]()
    for column, value in exact.items():
        if value:
            wheres.append(f"{column} = ?")
            values.append(value)
    if since is not None:
        wheres.append("started >= ?")
        values.append(since)
    if text:
        wheres.append(_ANYWHERE)
        values.append(text)
    return wheres, values


def _record(row: sqlite3.Row) -> OperationRecord:
    return OperationRecord(**dict(row))
