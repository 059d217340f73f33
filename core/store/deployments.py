"""Deployments: each run of an environment, from its beginning to how it ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.store.database import Database
from core.store.drafts import Draft, Drafts
from core.store.environments import EnvironmentRecord, Environments
from core.store.errors import Refusal

DeploymentState = Literal["running", "succeeded", "failed", "cancelled", "interrupted"]
Ending = Literal["succeeded", "failed", "cancelled", "interrupted"]

_SELECT = """
SELECT deployments.id, environments.name AS environment, number, action, deployments.document, state,
       started, ended, owner
FROM deployments JOIN environments ON environments.id = deployments.environment
"""
_INSERT = """
INSERT INTO deployments (environment, number, action, document, state, started, owner)
SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ?, 'running', ?, ? FROM deployments WHERE environment = ?
"""
_BEGIN = """
UPDATE environments SET version = version + (document IS NOT ?), document = ?, status = ?, updated = ? WHERE id = ?
"""
_GONE = "UPDATE environments SET status = 'new', document = NULL, updated = ? WHERE id = ?"
_AT_REST = "UPDATE environments SET status = ?, updated = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One run; `number` counts in its environment, `id` over all. `document` is what was deployed."""

    id: int
    environment: str
    number: int
    action: str
    document: str
    state: DeploymentState
    started: float
    ended: float | None
    owner: str


class Deployments:
    """The table of deployments; it moves the environment's status along with them."""

    def __init__(
        self, database: Database, environments: Environments, drafts: Drafts, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._environments = environments
        self._drafts = drafts
        self._clock = clock

    def begin(
        self,
        environment: str,
        action: str,
        document: str,
        owner: str,
        *,
        base: int | None = None,
        draft: Draft | None = None,
        deleting: bool = False,
    ) -> Deployment:
        """Open a deployment: from here on the environment's document is this one, and a used draft is gone.

        `base` is the version that the document was made from (a draft's own where a draft is given); None asks for no
        check. `deleting` is for a run that takes the environment down.

        Raises:
            Refusal: the document was made from a version that is no longer the current one, or the draft is gone.
        """
        with self._database.transaction() as connection:
            record = self._environments.require(environment)
            self._check(record, base, draft)
            self._use(draft)
            now = self._clock()
            status = "deleting" if deleting else "deploying"
            connection.execute(_BEGIN, (document, document, status, now, record.id))
            connection.execute(_INSERT, (record.id, action, document, now, owner, record.id))
            return self.list(environment)[0]

    def _check(self, record: EnvironmentRecord, base: int | None, draft: Draft | None) -> None:
        made_from = draft.base if draft else base
        if made_from is None or made_from == record.version:
            return
        raise Refusal(
            f"the draft was made from version {made_from}, but the environment is at version {record.version} by now",
            where=record.name,
            fix="look at what was deployed since, then apply your document again",
        )

    def _use(self, draft: Draft | None) -> None:
        if draft is not None:
            self._drafts.require(draft.id)
            self._drafts.discard(draft.id)

    def end(self, deployment: int, state: Ending) -> None:
        """Close a running deployment and put its environment at rest; one that has ended already stays as it is.

        After a succeeded deletion the environment is new again, without a document.
        """
        now = self._clock()
        with self._database.transaction() as connection:
            statement = "UPDATE deployments SET state = ?, ended = ? WHERE id = ? AND state = 'running'"
            if connection.execute(statement, (state, now, deployment)).rowcount:
                self._rest(connection, self.require(deployment).environment, state, now)

    def _rest(self, connection: sqlite3.Connection, name: str, state: Ending, now: float) -> None:
        record = self._environments.require(name)
        deleting = record.status == "deleting"
        if deleting and state == "succeeded":
            connection.execute(_GONE, (now, record.id))
            return
        failure = "delete failure" if deleting else "deploy failure"
        connection.execute(_AT_REST, ("ready" if state == "succeeded" else failure, now, record.id))

    def interrupt(self, environment: str) -> list[Deployment]:
        """Close what an ended process left running; returns those deployments. Only the lock's holder may ask."""
        with self._database.transaction():
            left = [deployment for deployment in self.list(environment) if deployment.state == "running"]
            for deployment in left:
                self.end(deployment.id, "interrupted")
            return left

    def list(self, environment: str) -> list[Deployment]:
        """All deployments of an environment, the newest first."""
        query = f"{_SELECT} WHERE environments.name = ? ORDER BY number DESC"
        return [_record(row) for row in self._database.rows(query, (environment,))]

    def latest(self, environment: str) -> Deployment | None:
        """The newest deployment of an environment, or None."""
        row = self._database.row(f"{_SELECT} WHERE environments.name = ? ORDER BY number DESC LIMIT 1", (environment,))
        return _record(row) if row else None

    def numbered(self, environment: str, number: int) -> Deployment:
        """The deployment of this number.

        Raises:
            Refusal: there is none.
        """
        row = self._database.row(f"{_SELECT} WHERE environments.name = ? AND number = ?", (environment, number))
        if row is None:
            raise Refusal(
                f"there is no deployment {number}", where=environment, fix=f"`gondolier history {environment}`"
            )
        return _record(row)

    def require(self, deployment: int) -> Deployment:
        """The deployment of this id.

        Raises:
            Refusal: it was forgotten together with its environment.
        """
        row = self._database.row(f"{_SELECT} WHERE deployments.id = ?", (deployment,))
        if row is None:
            raise Refusal("this deployment is not recorded any more: its environment was removed meanwhile")
        return _record(row)


def _record(row: sqlite3.Row) -> Deployment:
    return Deployment(**dict(row))
