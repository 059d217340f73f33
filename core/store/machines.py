"""Machine identities: which machines are ours, where they answer and which host key they must show."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields
from typing import Literal

from core.store.database import Database
from core.store.environments import Environments

Role = Literal["control-plane", "worker", "gateway", "docker-host"]

_SELECT = """
SELECT environments.name AS environment, component, machines.name, role, "index", generation, address, floating,
       user, port, cloud_id, host_key, jump
FROM machines JOIN environments ON environments.id = machines.environment
"""


@dataclass(frozen=True, slots=True)
class MachineRecord:
    """A machine of an environment.

    `generation` grows when the machine is made anew under its name. `address` is where the others of the cluster
    reach it, `floating` its public address, both None until they are known. `host_key` is the public key in OpenSSH's
    one-line form. `jump` is the name of the machine that leads to it.
    """

    environment: str
    component: str
    name: str
    role: Role
    index: int
    generation: int = 1
    address: str | None = None
    floating: str | None = None
    user: str = "root"
    port: int = 22
    cloud_id: str | None = None
    host_key: str | None = None
    jump: str | None = None


_COLUMNS = tuple(field.name for field in fields(MachineRecord))
_UPSERT = "INSERT OR REPLACE INTO machines ({}) VALUES ({})".format(
    ", ".join(f'"{name}"' for name in _COLUMNS), ", ".join("?" * len(_COLUMNS))
)


class Machines:
    """The table of machines; a name is used once in an environment."""

    def __init__(self, database: Database, environments: Environments) -> None:
        self._database = database
        self._environments = environments

    def upsert(self, machine: MachineRecord) -> None:
        """Keep this record in place of an earlier one of the same name.

        Raises:
            Refusal: there is no such environment.
        """
        with self._database.transaction() as connection:
            environment = self._environments.require(machine.environment).id
            values = [getattr(machine, name) for name in _COLUMNS[1:]]
            connection.execute(_UPSERT, (environment, *values))

    def get(self, environment: str, name: str) -> MachineRecord | None:
        """The machine of this name, or None."""
        row = self._database.row(f"{_SELECT} WHERE environments.name = ? AND machines.name = ?", (environment, name))
        return _record(row) if row else None

    def list(self, environment: str, component: str | None = None) -> list[MachineRecord]:
        """The machines of an environment, or of one component of it, by component, role and index."""
        query = f"""{_SELECT} WHERE environments.name = ? AND (? IS NULL OR component = ?)
                    ORDER BY component, role, "index", machines.name"""
        return [_record(row) for row in self._database.rows(query, (environment, component, component))]

    def delete(self, environment: str, name: str) -> None:
        """Forget a machine; one that is gone already is no trouble."""
        statement = "DELETE FROM machines WHERE name = ? AND environment = (SELECT id FROM environments WHERE name = ?)"
        with self._database.transaction() as connection:
            connection.execute(statement, (name, environment))


def _record(row: sqlite3.Row) -> MachineRecord:
    return MachineRecord(**dict(row))
