"""What each role's security group lets in, as data, and how that differs from what it has.

Sources of the ports: kubernetes.io, "Ports and Protocols"; etcd.io, "Networking"; Calico's and Flannel's VXLAN. The pod
network is always encapsulated, so no BGP and no allowed address pairs are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.clouds.base import OpenPort
from core.clouds.openstack.records import ANYWHERE, LiveRule, Rule
from core.model.naming import Role

PUBLISHED = "gondolier: published"
"""The description of rules that follow the published ports; all others are a role's own."""

OWN = "gondolier: "


class Source(StrEnum):
    """From where something is let in."""

    OPERATORS = "operators"
    MEMBERS = "machines of the component"
    CONTROL_PLANE = "control plane"
    NETWORK = "the machines' network"


@dataclass(frozen=True, slots=True)
class Opening:
    """A row of the table: what for, which ports, from where."""

    purpose: str
    protocol: str
    first: int | None
    last: int | None
    source: Source


_SSH = Opening("SSH", "tcp", 22, 22, Source.OPERATORS)
_SSH_INSIDE = Opening("SSH through a gateway", "tcp", 22, 22, Source.NETWORK)

_NODE = (
    _SSH,
    Opening("path MTU and reachability", "icmp", None, None, Source.MEMBERS),
    Opening("kubelet", "tcp", 10250, 10250, Source.CONTROL_PLANE),
    Opening("etcd", "tcp", 2379, 2380, Source.MEMBERS),
)

TABLE: Mapping[Role, tuple[Opening, ...]] = {
    "control-plane": (
        *_NODE,
        Opening("Kubernetes API", "tcp", 6443, 6443, Source.MEMBERS),
        Opening("Kubernetes API", "tcp", 6443, 6443, Source.OPERATORS),
    ),
    "worker": _NODE,
    "gateway": _NODE,
    "docker-host": (_SSH,),
}

OVERLAYS: Mapping[str, Opening] = {
    "calico": Opening("pod network", "udp", 4789, 4789, Source.MEMBERS),
    "flannel": Opening("pod network", "udp", 8472, 8472, Source.MEMBERS),
}

Sources = Callable[[Source], Sequence[str]]
"""Networks and group ids that a source stands for."""


@dataclass(frozen=True, slots=True)
class WantedRule:
    """A rule with the description that says what for."""

    rule: Rule
    purpose: str


def role_rules(role: Role, pod_network: str, sources: Sources, *, through_gateway: bool) -> list[WantedRule]:
    """A role's own rules; `pod_network` is empty for machines without one."""
    openings = [*TABLE[role]]
    if pod_network:
        openings.append(OVERLAYS[pod_network])
    if through_gateway:
        openings.append(_SSH_INSIDE)
    return _unique(
        WantedRule(Rule(one.protocol, one.first, one.last, source), OWN + one.purpose)
        for one in openings
        for source in sources(one.source)
    )


def published_rules(ports: Iterable[OpenPort], network: str, world: Sequence[str]) -> list[WantedRule]:
    """The rules of published ports: from the machines' network, and for public ones from `world`."""
    found = []
    for port in sorted(ports):
        outside = world if port.public else ()
        # The world has the machines' own network in it.
        for source in outside if ANYWHERE in outside else (network, *outside):
            found.append(WantedRule(Rule(port.protocol.lower(), port.port, port.port, source), PUBLISHED))
    return _unique(found)


def _unique(rules: Iterable[WantedRule]) -> list[WantedRule]:
    """One rule has one description: of two wishes for it the first one's."""
    found: dict[Rule, WantedRule] = {}
    for wanted in rules:
        found.setdefault(wanted.rule, wanted)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Difference:
    """What a group lacks and what it has beyond what is wanted."""

    missing: tuple[WantedRule, ...]
    surplus: tuple[LiveRule, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.surplus)


def role_difference(wanted: Sequence[WantedRule], live: Sequence[LiveRule]) -> Difference:
    """Of a role's own rules; what follows the published ports is none of it, what somebody added by hand is."""
    return _difference(wanted, [one for one in live if one.purpose != PUBLISHED])


def published_difference(wanted: Sequence[WantedRule], live: Sequence[LiveRule]) -> Difference:
    """Of the rules that follow the published ports."""
    return _difference(wanted, [one for one in live if one.purpose == PUBLISHED])


def _difference(wanted: Sequence[WantedRule], live: Sequence[LiveRule]) -> Difference:
    rules, there = {one.rule for one in wanted}, {one.rule for one in live}
    missing = tuple(one for one in wanted if one.rule not in there)
    return Difference(missing, tuple(one for one in live if one.rule not in rules))
