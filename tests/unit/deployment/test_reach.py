"""How the operator gets to a cloud's machines, and what they are wished with."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.deployment.reach import BASTION, Way, Ways, way
from core.deployment.wishes import machine_options
from core.engine.errors import Trouble, Unreachable
from core.model.environment import Environment
from core.store.machines import MachineRecord

HEAD = MachineRecord("lab", "alpha", "kube-1", "control-plane", 1, address="10.0.0.1", floating="198.51.100.1")
WORKER = MachineRecord("lab", "alpha", "kube-2", "worker", 1, address="10.0.0.2", host_key="ssh-ed25519 W")
GATE = MachineRecord(
    "lab", "alpha", "gateway-1", "gateway", 1, address="10.0.0.9", floating="198.51.100.9", host_key="ssh-ed25519 G"
)
BASE = {"kind": "openstack", "cloud": "c", "flavor": "f", "image": "i", "access": ["0.0.0.0/0"]}


def environment(**provider: object) -> Environment:
    cluster = {"kind": "KubernetesCluster", "name": "alpha", "version": "1.36", "instance": {"flavor": "big"}}
    return Environment.model_validate({"environment": "lab", "provider": BASE | provider, "components": [cluster]})


def test_a_floating_address_is_dialled_and_machines_without_one_are_reached_through_a_gateway() -> None:
    assert way("floating", HEAD, [GATE]) == Way("198.51.100.1")
    assert way("floating", WORKER, [GATE]) == Way("10.0.0.2", "gateway-1")
    assert way("floating", GATE, [GATE]) == Way("198.51.100.9")


def test_through_gateways_all_but_they_are_dialled_inside() -> None:
    assert way("gateway", HEAD, [GATE]) == Way("10.0.0.1", "gateway-1")
    assert way("gateway", GATE, [GATE]) == Way("198.51.100.9")


def test_a_first_gateway_without_floating_address_is_dialled_where_it_is() -> None:
    bare = MachineRecord("lab", "alpha", "gateway-1", "gateway", 1, address="10.0.0.9")
    assert way("gateway", bare, [bare]) == Way("10.0.0.9")


@pytest.mark.parametrize("record", [HEAD, WORKER, GATE])
def test_directly_and_behind_a_bastion_fixed_addresses_are_dialled(record: MachineRecord) -> None:
    assert way("direct", record, [GATE]) == Way(record.address or "")
    assert way("bastion", record, [GATE]) == Way(record.address or "", BASTION)


def test_a_gateway_that_is_not_there_yet_is_waited_for() -> None:
    with pytest.raises(Unreachable, match="leads through a gateway, and none is there yet"):
        way("floating", WORKER, [])


def test_the_jump_is_the_gateway_with_its_own_pinned_key() -> None:
    access = Ways(environment(), Path("/keys"), lambda: [HEAD, WORKER, GATE]).access("kube-2")
    assert (access.address, access.host_key) == ("10.0.0.2", "ssh-ed25519 W")
    assert access.jump is not None
    assert (access.jump.name, access.jump.address, access.jump.host_key) == (
        "gateway-1", "198.51.100.9", "ssh-ed25519 G",
    )  # fmt: skip


def test_a_machine_without_an_address_is_not_known_yet() -> None:
    with pytest.raises(Trouble, match="this machine has no address yet"):
        Ways(environment(), Path("/keys"), lambda: [HEAD]).access("kube-2")


def test_the_components_choice_goes_before_the_providers_and_zones_are_spread() -> None:
    declared = environment(spread_zones=["a", "b"], key_pair="mine")
    cluster = declared.clusters()[0]
    found = [dict(machine_options(declared, cluster, "worker", index)) for index in (1, 2, 3)]
    assert [one["availability_zone"] for one in found] == ["a", "b", "a"]
    assert (found[0]["flavor"], found[0]["image"], found[0]["key_pair"]) == ("big", "i", "mine")
    assert (found[0]["floating"], found[0]["pod_network"]) == ("true", "calico")


def test_other_providers_have_no_options() -> None:
    declared = Environment.model_validate(
        {
            "environment": "lab",
            "provider": {"kind": "nspawn"},
            "components": [{"kind": "KubernetesCluster", "name": "alpha", "version": "1.36"}],
        }
    )
    assert machine_options(declared, declared.clusters()[0], "worker", 1) == ()
