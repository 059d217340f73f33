"""The rows behind the rule of one run per environment; who may replace whom is the engine's business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.store.database import Database
from core.store.environments import Environments

_SELECT = """
SELECT environments.name AS environment, token, owner, host, pid, process, taken, heartbeat
FROM locks JOIN environments ON environments.id = locks.environment WHERE environments.name = ?
"""


@dataclass(frozen=True, slots=True)
class LockRecord:
    """Who runs an environment.

    `owner` is the user, `process` the process's start and `taken` and `heartbeat` are times, all in seconds since
    the epoch. `token` tells one taking from another.
    """

    environment: str
    token: str
    owner: str
    host: str
    pid: int
    process: float
    taken: float
    heartbeat: float


class Locks:
    """The table of locks: at most one row for an environment."""

    def __init__(self, database: Database, environments: Environments, clock: Callable[[], float]) -> None:
        self._database = database
        self._environments = environments
        self._clock = clock

    def holder(self, environment: str) -> LockRecord | None:
        """Who holds the environment, or None."""
        row = self._database.row(_SELECT, (environment,))
        return LockRecord(**dict(row)) if row else None

    def put(self, lock: LockRecord) -> None:
        """Write the row in place of an earlier one; the caller has checked in the same transaction that it may.

        Raises:
            Refusal: there is no such environment.
        """
        with self._database.transaction() as connection:
            key = self._environments.require(lock.environment).id
            row = (key, lock.token, lock.owner, lock.host, lock.pid, lock.process, lock.taken, lock.heartbeat)
            connection.execute("INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def beat(self, token: str) -> bool:
        """Show that the holder lives; False where the lock is not its any more."""
        with self._database.transaction() as connection:
            statement = "UPDATE locks SET heartbeat = ? WHERE token = ?"
            return connection.execute(statement, (self._clock(), token)).rowcount == 1

    def remove(self, token: str) -> None:
        """Give the lock back; one that is not the holder's any more stays."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM locks WHERE token = ?", (token,))
