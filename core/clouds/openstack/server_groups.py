"""Server groups: machines of one role on different hosts, where the cloud can."""

from __future__ import annotations

from typing import Any

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Gone
from core.clouds.openstack.groups import RoleWish
from core.clouds.openstack.names import Marks
from core.clouds.openstack.records import Ground, ServerGroup
from core.clouds.openstack.rules import TABLE
from core.engine.step import Change, Report
from core.model.provider import OpenStack

POLICIES = {"soft": "soft-anti-affinity", "hard": "anti-affinity"}
"""Nova's name of each policy; `soft` makes a machine even where no host is left of its own."""


class ServerGroups:
    """Looks at and makes the server groups of an environment; without anti-affinity there are none."""

    def __init__(self, calls: Calls, marks: Marks, wanted: OpenStack) -> None:
        self._calls = calls
        self._marks = marks
        self._policy = POLICIES.get(wanted.anti_affinity)

    def name_of(self, wish: RoleWish) -> str:
        """The name of a role's group."""
        return self._marks.group_name(wish.component, wish.role)

    def changes(self, wishes: list[RoleWish], ground: Ground) -> list[Change]:
        """The groups that are still to be made."""
        missing = self._missing(wishes, ground)
        return [Change("create", f"server group {name}", after=self._policy or "") for name in missing]

    async def lay(self, wishes: list[RoleWish], ground: Ground, report: Report) -> None:
        """Make what is missing."""
        for name in self._missing(wishes, ground):
            report(f"making server group {name}: {self._policy}")
            await self._make({"name": name, "policy": self._policy})

    async def delete(self, group: ServerGroup) -> None:
        """Remove a group; one that is gone already is no trouble."""
        try:
            await self._calls.do(lambda cloud: cloud.compute.delete_server_group(group.id, ignore_missing=True))
        except Gone:
            return

    def of(self, component: str, ground: Ground) -> list[ServerGroup]:
        """All groups of a component that are there."""
        names = {self._marks.group_name(component, role) for role in TABLE}
        return [group for group in ground.server_groups if group.name in names]

    def _missing(self, wishes: list[RoleWish], ground: Ground) -> list[str]:
        if self._policy is None:
            return []
        return [name for name in map(self.name_of, wishes) if ground.server_group(name) is None]

    async def _make(self, fields: dict[str, Any]) -> None:
        await self._calls.do(lambda cloud: cloud.compute.create_server_group(**fields))
