"""One SQLite connection that threads share and other processes write beside."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from core.store.errors import Transient, Trouble
from core.store.migrations import migrate

BUSY_SECONDS = 15.0
"""How long a write waits for another process's write to end."""

Parameters = Iterable[object]

# FULL makes each commit reach the disk: an intent in the journal must outlive a power cut.
_SETTINGS = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON")


class Database:
    """The connection with its transactions; everything written inside `transaction` is durable when it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._guard = threading.RLock()
        with translated(path):
            self._connection = _open(path)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: all or nothing, one writer at a time over all processes; an inner transaction joins the outer.

        Raises:
            Transient: another process held the database for too long.
            Trouble: the database cannot be written (disk full, damaged, read-only).
        """
        with self._guard, translated(self.path):
            if self._connection.in_transaction:
                yield self._connection
            else:
                yield from self._outermost()

    def _outermost(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def rows(self, query: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """All rows that a query gives."""
        with self._guard, translated(self.path):
            return self._connection.execute(query, tuple(parameters)).fetchall()

    def row(self, query: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """The first row that a query gives, None where there is none."""
        found = self.rows(query, parameters)
        return found[0] if found else None

    def close(self) -> None:
        """Close the connection; what was written stays."""
        with self._guard:
            self._connection.close()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite says about its file into Trouble; mistakes in statements stay what they are."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise Transient(
                f"another process kept the database busy for {BUSY_SECONDS:.0f} s", where=str(path)
            ) from error
        advice = "see that the disk has room and that the file is yours and whole"
        raise Trouble(f"the database cannot be used: {error}", where=str(path), fix=advice) from error


def _open(path: Path) -> sqlite3.Connection:
    _create_private(path)
    # Switching to WAL and migrating do not wait for each other inside SQLite, so openers take turns here.
    with _turn(path.with_suffix(".opening")):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            for setting in _SETTINGS:
                connection.execute(setting)
            migrate(connection, str(path))
        except BaseException:
            connection.close()
            raise
    return connection


def _create_private(path: Path) -> None:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise Trouble(f"the database cannot be opened: {error.strerror}", where=str(path)) from error


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    with closing(os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "rb")) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
