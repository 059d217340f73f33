"""The one door to what is remembered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from core.store.database import Database
from core.store.deployments import Deployments
from core.store.drafts import Drafts
from core.store.endpoints import Endpoints
from core.store.environments import Environments
from core.store.home import DATABASE, home_directory, prepare
from core.store.journal import JournalTable
from core.store.lines import Lines
from core.store.locks import Locks
from core.store.machines import Machines
from core.store.operations import Operations
from core.store.values import Values


class Store:
    """The database of a home directory, by table; several processes and threads may use it at once.

    Raises (opening, and any call):
        Refusal: the database is newer than this program.
        Trouble: the home or the database cannot be used.
    """

    def __init__(self, home: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self.home = home or home_directory()
        prepare(self.home)
        self._database = database = Database(self.home / DATABASE)
        self.environments = Environments(database, clock)
        self.drafts = Drafts(database, self.environments, clock)
        self.deployments = Deployments(database, self.environments, self.drafts, clock)
        self.lines = Lines(database)
        self.journal = JournalTable(database, self.lines)
        self.machines = Machines(database, self.environments)
        self.endpoints = Endpoints(database, self.environments)
        self.values = Values(database, self.environments)
        self.operations = Operations(database, clock)
        self.locks = Locks(database, self.environments, clock)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all writes inside one: all or nothing, and no other process writes in between."""
        with self._database.transaction():
            yield

    def close(self) -> None:
        """Close the database; what was written stays."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
