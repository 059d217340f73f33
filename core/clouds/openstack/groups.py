"""Security groups: one for each role of a component, and one that all its machines have, to be named as a source."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.clouds.base import MachineWish, OpenPort
from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Gone, Taken
from core.clouds.openstack.listing import group_row
from core.clouds.openstack.making import Maker
from core.clouds.openstack.names import Marks
from core.clouds.openstack.records import Ground, Group
from core.clouds.openstack.rules import (
    TABLE,
    Difference,
    Source,
    WantedRule,
    published_difference,
    published_rules,
    role_difference,
    role_rules,
)
from core.engine.step import Change, Report
from core.model.naming import Role
from core.model.provider import OpenStack

_MEMBERS = "members"

TAKING: tuple[Role, ...] = ("gateway", "docker-host")
"""The roles whose machines take published ports."""


@dataclass(frozen=True, slots=True)
class RoleWish:
    """A role of a component that has machines; `pod_network` is empty where they have none."""

    component: str
    role: Role
    pod_network: str = ""


def role_wishes(wishes: Iterable[MachineWish]) -> list[RoleWish]:
    """The roles that machines are wished for, each once."""
    return list(dict.fromkeys(role_wish(wish) for wish in wishes))


def role_wish(wish: MachineWish) -> RoleWish:
    """The role of one machine."""
    role = next(role for role in TABLE if role == wish.role)
    return RoleWish(wish.component, role, dict(wish.options).get("pod_network", ""))


class Groups:
    """Looks at and brings about the security groups of an environment; `network` is the machines' range."""

    def __init__(self, calls: Calls, maker: Maker, marks: Marks, wanted: OpenStack) -> None:
        self._calls = calls
        self._maker = maker
        self._marks = marks
        self._wanted = wanted

    def names_of(self, wish: RoleWish) -> tuple[str, str]:
        """The groups that a machine has."""
        return self._name(wish.component, wish.role), self._name(wish.component, _MEMBERS)

    def changes(self, wishes: Sequence[RoleWish], ground: Ground, network: str) -> list[Change]:
        """Groups to make, and rules to make or take away, of those that are there."""
        found = [Change("create", f"security group {name}") for name in self._missing(wishes, ground)]
        for wish in wishes:
            group = ground.group(self._name(wish.component, wish.role))
            if group is not None:
                found += _rule_changes(group, self._difference(wish, group, ground, network), ground)
        return found

    async def lay(self, wishes: Sequence[RoleWish], ground: Ground, network: str, report: Report) -> None:
        """Make the groups, and their rules as the table has them."""
        made = await asyncio.gather(*(self._make(name, report) for name in self._missing(wishes, ground)))
        there = Ground(groups=(*ground.groups, *made))
        await asyncio.gather(*(self._rule(wish, there, network, report) for wish in wishes))

    def port_changes(self, component: str, ports: Sequence[OpenPort], ground: Ground, network: str) -> list[Change]:
        """Rules to make or take away so that exactly these ports are open."""
        found: list[Change] = []
        for group in self._taking(component, ground):
            found += _rule_changes(group, self._published(ports, group, network), ground)
        return found

    async def open_ports(
        self, component: str, ports: Sequence[OpenPort], ground: Ground, network: str, report: Report
    ) -> None:
        """Open exactly these ports on the machines that take them."""
        for group in self._taking(component, ground):
            await self._enact(group, self._published(ports, group, network), ground, report)

    def of(self, component: str, ground: Ground) -> list[Group]:
        """All groups of a component that are there."""
        names = {self._name(component, part) for part in (_MEMBERS, *TABLE)}
        return [group for group in ground.groups if group.name in names]

    def _name(self, component: str, part: str) -> str:
        return self._marks.name(component, part)

    def _taking(self, component: str, ground: Ground) -> list[Group]:
        found = (ground.group(self._name(component, role)) for role in TAKING)
        return [group for group in found if group is not None]

    def _missing(self, wishes: Sequence[RoleWish], ground: Ground) -> list[str]:
        names = dict.fromkeys(name for wish in wishes for name in self.names_of(wish))
        return [name for name in names if ground.group(name) is None]

    async def _make(self, name: str, report: Report) -> Group:
        report(f"making security group {name}")
        return group_row(await self._maker.make("security_group", name=name))

    async def _rule(self, wish: RoleWish, ground: Ground, network: str, report: Report) -> None:
        group = ground.group(self._name(wish.component, wish.role))
        if group is not None:
            await self._enact(group, self._difference(wish, group, ground, network), ground, report)

    def _difference(self, wish: RoleWish, group: Group, ground: Ground, network: str) -> Difference:
        def sources(source: Source) -> Sequence[str]:
            if source is Source.OPERATORS:
                return self._wanted.access
            if source is Source.NETWORK:
                return (network,)
            part = _MEMBERS if source is Source.MEMBERS else "control-plane"
            found = ground.group(self._name(wish.component, part))
            return (found.id,) if found else ()

        inside = self._wanted.reach in ("floating", "gateway")
        return role_difference(role_rules(wish.role, wish.pod_network, sources, through_gateway=inside), group.rules)

    def _published(self, ports: Sequence[OpenPort], group: Group, network: str) -> Difference:
        return published_difference(published_rules(ports, network, self._wanted.public_access), group.rules)

    async def _enact(self, group: Group, difference: Difference, ground: Ground, report: Report) -> None:
        for wanted in difference.missing:
            report(f"security group {group.name} lets in {_readable(wanted.rule, ground)}")
        for live in difference.surplus:
            report(f"security group {group.name} lets in no more {_readable(live.rule, ground)}", "warning")
        await asyncio.gather(*(self._open(group, wanted) for wanted in difference.missing))
        await asyncio.gather(*(self._close(live.id) for live in difference.surplus))

    async def _open(self, group: Group, wanted: WantedRule) -> None:
        rule = wanted.rule
        source = {"remote_ip_prefix": rule.source} if "/" in rule.source else {"remote_group_id": rule.source}
        try:
            await self._calls.do(
                lambda cloud: cloud.network.create_security_group_rule(
                    security_group_id=group.id,
                    direction="ingress",
                    ethertype="IPv4",
                    protocol=rule.protocol,
                    port_range_min=rule.first,
                    port_range_max=rule.last,
                    description=wanted.purpose,
                    **source,
                )
            )
        except Taken:
            # The very rule is there: made by a call whose answer was lost.
            return

    async def _close(self, rule: str) -> None:
        try:
            await self._calls.do(lambda cloud: cloud.network.delete_security_group_rule(rule, ignore_missing=True))
        except Gone:
            return


def _rule_changes(group: Group, difference: Difference, ground: Ground) -> list[Change]:
    made = [_change("create", group, _readable(one.rule, ground), one.purpose) for one in difference.missing]
    return made + [
        _change("delete", group, _readable(one.rule, ground), one.purpose or "added by hand")
        for one in difference.surplus
    ]


def _change(action: str, group: Group, rule: str, purpose: str) -> Change:
    subject = f"rule {rule} of security group {group.name}"
    if action == "create":
        return Change("create", subject, after=purpose)
    return Change("delete", subject, before=purpose)


def _readable(rule: object, ground: Ground) -> str:
    """A rule with groups by their names."""
    text = str(rule)
    for group in ground.groups:
        text = text.replace(group.id, group.name)
    return text
