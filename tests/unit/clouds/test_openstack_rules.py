"""Each role lets in what its table says, published ports come and go, and what was added by hand is found."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.clouds.base import OpenPort
from core.clouds.openstack.records import ANYWHERE, LiveRule, Rule
from core.clouds.openstack.rules import (
    PUBLISHED,
    TABLE,
    Source,
    WantedRule,
    published_difference,
    published_rules,
    role_difference,
    role_rules,
)
from core.model.naming import Role

NETWORK = "10.76.0.0/24"
MINE = "203.0.113.7/32"


def sources(source: Source) -> Sequence[str]:
    return {
        Source.OPERATORS: (MINE,),
        Source.MEMBERS: ("members-id",),
        Source.CONTROL_PLANE: ("head-id",),
        Source.NETWORK: (NETWORK,),
    }[source]


def rules(role: Role, network: str = "calico", *, through_gateway: bool = False) -> set[str]:
    return {str(one.rule) for one in role_rules(role, network, sources, through_gateway=through_gateway)}


def test_a_worker_lets_in_what_a_node_needs_and_nothing_else() -> None:
    assert rules("worker") == {
        f"tcp 22 from {MINE}",
        "icmp from members-id",
        "tcp 10250 from head-id",
        "tcp 2379-2380 from members-id",
        "udp 4789 from members-id",
    }


def test_only_the_control_plane_lets_in_to_the_api() -> None:
    assert rules("control-plane") - rules("worker") == {"tcp 6443 from members-id", f"tcp 6443 from {MINE}"}
    assert rules("gateway") == rules("worker")


def test_flannel_has_a_port_of_its_own() -> None:
    assert rules("worker", "flannel") - rules("worker") == {"udp 8472 from members-id"}
    assert rules("docker-host", "") == {f"tcp 22 from {MINE}"}


def test_ssh_through_a_gateway_comes_from_the_machines_network() -> None:
    assert rules("worker", through_gateway=True) - rules("worker") == {f"tcp 22 from {NETWORK}"}


@pytest.mark.parametrize("role", list(TABLE))
def test_nothing_is_open_to_the_world_that_was_not_asked_for(role: Role) -> None:
    assert not any(ANYWHERE in rule for rule in rules(role))


def test_a_public_port_is_open_to_the_world_and_a_cloud_port_to_the_machines_network() -> None:
    ports = [OpenPort(80, "TCP", True), OpenPort(53, "UDP", False)]
    found = {str(one.rule) for one in published_rules(ports, NETWORK, (ANYWHERE,))}
    assert found == {f"tcp 80 from {ANYWHERE}", f"udp 53 from {NETWORK}"}


def test_a_narrower_world_still_has_the_machines_network() -> None:
    found = {str(one.rule) for one in published_rules([OpenPort(80, "TCP", True)], NETWORK, (MINE,))}
    assert found == {f"tcp 80 from {NETWORK}", f"tcp 80 from {MINE}"}


def _live(wanted: Sequence[WantedRule]) -> list[LiveRule]:
    return [LiveRule(f"rule-{number}", one.rule, one.purpose) for number, one in enumerate(wanted)]


def test_a_role_knows_nothing_of_published_ports_and_takes_away_what_was_added_by_hand() -> None:
    wanted = role_rules("gateway", "calico", sources, through_gateway=False)
    published = _live(published_rules([OpenPort(80, "TCP", True)], NETWORK, (ANYWHERE,)))
    by_hand = LiveRule("hand", Rule("tcp", 8080, 8080, ANYWHERE), "")
    assert not role_difference(wanted, [*_live(wanted), *published])
    assert role_difference(wanted, [*_live(wanted), *published, by_hand]).surplus == (by_hand,)


def test_a_rule_that_was_removed_by_hand_is_missing() -> None:
    wanted = role_rules("worker", "calico", sources, through_gateway=False)
    difference = role_difference(wanted, _live(wanted)[1:])
    assert [str(one.rule) for one in difference.missing] == [f"tcp 22 from {MINE}"]
    assert difference.surplus == ()


def test_a_scope_that_narrows_closes_one_rule_and_opens_another() -> None:
    before = _live(published_rules([OpenPort(80, "TCP", True)], NETWORK, (ANYWHERE,)))
    after = published_rules([OpenPort(80, "TCP", False)], NETWORK, (ANYWHERE,))
    difference = published_difference(after, before)
    assert [str(one.rule) for one in difference.missing] == [f"tcp 80 from {NETWORK}"]
    assert [str(one.rule) for one in difference.surplus] == [f"tcp 80 from {ANYWHERE}"]
    assert published_difference([], before).surplus == tuple(before)
    assert before[0].purpose == PUBLISHED
