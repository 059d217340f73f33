"""Endpoints: where the applications of an environment can be reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from core.store.database import Database
from core.store.environments import Environments

_COLUMNS = "component, application, address, port, scope, port_scope, container_port, protocol"
_INSERT = f"INSERT INTO endpoints (environment, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT = f"""
SELECT {_COLUMNS} FROM endpoints JOIN environments ON environments.id = endpoints.environment
WHERE environments.name = ? ORDER BY endpoints.id
"""


@dataclass(frozen=True, slots=True)
class EndpointRecord:
    """One address of an application's port, valid within `scope`; `port_scope` is the scope that was asked for."""

    component: str
    application: str
    address: str
    port: int
    scope: str
    port_scope: str
    container_port: int
    protocol: str


class Endpoints:
    """The table of endpoints."""

    def __init__(self, database: Database, environments: Environments) -> None:
        self._database = database
        self._environments = environments

    def replace(self, environment: str, component: str, endpoints: Iterable[EndpointRecord]) -> None:
        """Keep these as the component's endpoints in place of all earlier ones, at once for every reader.

        Raises:
            Refusal: there is no such environment.
            ValueError: an endpoint belongs to another component.
        """
        wanted = tuple(endpoints)
        strangers = {endpoint.component for endpoint in wanted} - {component}
        if strangers:
            raise ValueError(f"endpoints of {', '.join(sorted(strangers))} given for {component}")
        with self._database.transaction() as connection:
            key = self._environments.require(environment).id
            connection.execute("DELETE FROM endpoints WHERE environment = ? AND component = ?", (key, component))
            connection.executemany(_INSERT, [(key, *astuple(endpoint)) for endpoint in wanted])

    def list(self, environment: str) -> list[EndpointRecord]:
        """The endpoints of an environment, each component's in the order they were given."""
        return [EndpointRecord(**dict(row)) for row in self._database.rows(_SELECT, (environment,))]
