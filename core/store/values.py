"""Small facts that a component must remember between runs, as JSON; never a secret."""

from __future__ import annotations

import json
from typing import Any

from core.store.database import Database
from core.store.environments import Environments

_SELECT = """
SELECT key, value FROM "values" JOIN environments ON environments.id = "values".environment
WHERE environments.name = ? AND component = ?
"""
_DELETE = """
DELETE FROM "values"
WHERE component = ? AND key = ? AND environment = (SELECT id FROM environments WHERE name = ?)
"""


class Values:
    """The table of values, each under (environment, component, key)."""

    def __init__(self, database: Database, environments: Environments) -> None:
        self._database = database
        self._environments = environments

    def set(self, environment: str, component: str, key: str, value: Any) -> None:
        """Keep a value that JSON can express.

        Raises:
            Refusal: there is no such environment.
            TypeError: JSON cannot express the value.
        """
        text = json.dumps(value)
        with self._database.transaction() as connection:
            row = (self._environments.require(environment).id, component, key, text)
            connection.execute('INSERT OR REPLACE INTO "values" VALUES (?, ?, ?, ?)', row)

    def get(self, environment: str, component: str, key: str, default: Any = None) -> Any:
        """The value under a key, the default where there is none."""
        return self.all(environment, component).get(key, default)

    def all(self, environment: str, component: str) -> dict[str, Any]:
        """All values of a component."""
        rows = self._database.rows(_SELECT, (environment, component))
        return {row["key"]: json.loads(row["value"]) for row in rows}

    def delete(self, environment: str, component: str, key: str) -> None:
        """Forget a value; one that is gone already is no trouble."""
        with self._database.transaction() as connection:
            connection.execute(_DELETE, (component, key, environment))
