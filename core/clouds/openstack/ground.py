"""What machines stand on, as one: the network, the security groups and the server groups of an environment."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.groups import Groups, RoleWish
from core.clouds.openstack.listing import list_ground
from core.clouds.openstack.names import Marks
from core.clouds.openstack.network import Networks, Place
from core.clouds.openstack.records import Ground
from core.clouds.openstack.rules import TABLE
from core.clouds.openstack.server_groups import ServerGroups
from core.engine.errors import Trouble
from core.engine.step import Change, Report
from core.model.provider import OpenStack

_REMEMBERED = 5.0
"""Seconds that one look at the ground serves for everything that is planned."""


@dataclass(frozen=True, slots=True)
class Base:
    """What one machine is made on; `groups` and `server_group` are ids."""

    place: Place
    groups: tuple[str, ...]
    server_group: str | None


class Grounds:
    """Looks at the ground and lays it; each look is shared by those who ask at one time."""

    nothing = Ground()

    def __init__(
        self,
        calls: Calls,
        marks: Marks,
        wanted: OpenStack,
        *,
        networks: Networks,
        groups: Groups,
        server_groups: ServerGroups,
    ) -> None:
        self._calls = calls
        self._marks = marks
        self._wanted = wanted
        self._networks = networks
        self._groups = groups
        self._server_groups = server_groups
        self._laying = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._last: tuple[float, Ground] | None = None
        self._place: Place | None = None

    async def look(self, *, fresh: bool = False) -> Ground:
        """The ground as it is, or was a moment ago."""
        now = asyncio.get_running_loop().time
        async with self._looking:
            if fresh or self._last is None or now() - self._last[0] > _REMEMBERED:
                found = await list_ground(self._calls, self._marks, own_network=self._networks.own)
                self._last = now(), found
            return self._last[1]

    def forget(self) -> None:
        """What was seen is no longer true."""
        self._last = None

    async def everything(self) -> Ground:
        """All that carries the environment's mark, also of a network that the document no longer asks for."""
        return await list_ground(self._calls, self._marks, own_network=True)

    async def range(self) -> str:
        """The range of the machines' network."""
        if self._networks.own:
            return self._wanted.subnet
        if self._place is None:
            self._place = await self._networks.lay(self.nothing, _quiet)
        return self._place.cidr

    async def changes(self, wishes: list[RoleWish]) -> list[Change]:
        """What is to be made or put right."""
        ground = await self.look()
        found = await self._networks.changes(ground)
        found += self._groups.changes(wishes, ground, await self.range())
        return found + self._server_groups.changes(wishes, ground)

    async def lay(self, wishes: list[RoleWish], report: Report) -> None:
        """Bring that about, everything looked for anew before it is made."""
        async with self._laying:
            ground = await self.look(fresh=True)
            try:
                self._place = await self._networks.lay(ground, report)
                await self._groups.lay(wishes, ground, self._place.cidr, report)
                await self._server_groups.lay(wishes, ground, report)
            finally:
                self.forget()

    async def base(self, wish: RoleWish, report: Report) -> Base:
        """What a machine of this role is made on; laid first where it is missing."""
        ground = await self.look()
        if self._place is None or any(ground.group(name) is None for name in self._groups.names_of(wish)):
            await self.lay([wish], report)
            ground = await self.look()
        return self._base(wish, ground)

    def groups_of(self, wish: RoleWish, ground: Ground) -> tuple[str, ...]:
        """The ids of the groups that a machine of this role has, as far as they are there."""
        groups = (ground.group(name) for name in self._groups.names_of(wish))
        return tuple(sorted(group.id for group in groups if group is not None))

    def lacking(self, wishes: list[RoleWish], ground: Ground) -> dict[str, int]:
        """How much of each network quota is still to be used, about: rules are counted by the table."""
        groups = {name for wish in wishes for name in self._groups.names_of(wish)}
        missing = [name for name in groups if ground.group(name) is None]
        found = {
            "security groups": len(missing),
            "security group rules": sum(2 + len(TABLE[wish.role]) + 2 for wish in wishes) if missing else 0,
            "server groups": len(self._server_groups.changes(wishes, ground)),
        }
        if self._networks.own and not ground.networks:
            found |= {"networks": 1, "subnets": 1, "routers": 0 if self._wanted.router else 1, "ports": 2}
        return found

    def _base(self, wish: RoleWish, ground: Ground) -> Base:
        if self._place is None:
            raise Trouble("its network is not laid", where=wish.component)
        server_group = ground.server_group(self._server_groups.name_of(wish))
        return Base(self._place, self.groups_of(wish, ground), server_group.id if server_group else None)


def _quiet(text: str, level: str = "info") -> None:
    """For looks that make nothing and so have nothing to say."""
