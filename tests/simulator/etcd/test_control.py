"""etcdctl's answers, read by the product's own code."""

from __future__ import annotations

import json
from typing import cast

import pytest

from core.cluster import etcd as product
from core.cluster.departure import _keys_whose_value_has
from core.cluster.etcd_access import _may_use, _missing
from core.engine.errors import Transient
from core.machines.connection import Connection
from core.simulator.etcd.control.command import answered
from tests.simulator.etcd.lab import Machine, World, certificates


@pytest.fixture
def world() -> World:
    world = World()
    world.bootstrapped("a", "b", "c")
    return world


def connection(world: World, name: str = "a") -> Connection:
    return cast(Connection, world.machine(name))


async def ctl(world: World, command: str, name: str = "a", **options: str) -> str:
    return await product.etcdctl(connection(world, name), command, **options)


async def test_the_product_reads_the_members(world: World) -> None:
    found = await product.members(connection(world))
    assert {member.name for member in found} == {"a", "b", "c"}
    assert all(member.healthy and not member.learner for member in found)
    assert [member.leader for member in found].count(True) == 1


async def test_a_voter_that_is_down_is_unhealthy(world: World) -> None:
    world.machine("c").powered = False
    found = await product.members(connection(world))
    assert {member.name: member.healthy for member in found} == {"a": True, "b": True, "c": False}


async def test_without_a_quorum_there_is_no_answer(world: World) -> None:
    world.machine("b").powered = world.machine("c").powered = False
    with pytest.raises(Transient, match="request timed out"):
        await product.members(connection(world))
    with pytest.raises(Transient, match="request timed out"):
        await ctl(world, "put /x y")


async def test_where_no_etcd_runs_the_deadline_passes(world: World) -> None:
    world.machine("d")
    with pytest.raises(Transient, match="context deadline exceeded"):
        await product.members(connection(world, "d"))


async def test_a_learner_joins_and_is_promoted_at_the_leader_only(world: World) -> None:
    await _with_access_control(world)
    (ensemble,) = world.ensembles.values()
    await ctl(world, f"member add d --learner --peer-urls={world.peer('d')}")
    known = await product.members(connection(world))
    own = product.find(known, world.peer("d"))
    assert own and own.learner and not own.name
    world.start(ensemble, ensemble.members[int(own.id, 16)], "d")
    with pytest.raises(Transient, match="rpc not supported for learner"):
        await product.members(connection(world, "d"))
    with pytest.raises(Transient, match="in sync with leader"):
        await ctl(world, f"member promote {own.id}", endpoints=product.leader_endpoint(known))
    world.clock.now += 1
    follower = next(m.peer for m in known if not m.leader and not m.learner).replace(":2380", ":2379")
    with pytest.raises(Transient, match="deadline"):
        await ctl(world, f"member promote {own.id}", endpoints=follower)
    await ctl(world, f"member promote {own.id}", endpoints=product.leader_endpoint(known))
    assert len([m for m in await product.members(connection(world)) if not m.learner]) == 4


async def test_only_the_leader_hands_over_leadership(world: World) -> None:
    known = await product.members(connection(world))
    leader = next(member for member in known if member.leader)
    heir = next(member for member in known if not member.leader)
    with pytest.raises(Transient, match="no leader endpoint given at"):
        await ctl(world, f"move-leader {leader.id}", heir.name)
    await ctl(world, f"move-leader {heir.id}", leader.name)
    assert next(m.name for m in await product.members(connection(world)) if m.leader) == heir.name


async def test_a_member_that_is_removed_is_unknown(world: World) -> None:
    known = await product.members(connection(world))
    await ctl(world, f"member remove {known[2].id}", known[0].name)
    with pytest.raises(Transient, match="member not found"):
        await ctl(world, f"member remove {known[2].id}", known[0].name)


async def test_keys_are_read_as_the_product_reads_them(world: World) -> None:
    await ctl(world, """put /coreos.com/network/subnets/10.1.2.0-24 '{"PublicIP":"10.0.0.7","Type":"vxlan"}'""")
    listed = await ctl(world, "get --prefix /coreos.com/network/subnets/ -w fields")
    assert _keys_whose_value_has(listed, '"PublicIP\\":\\"10.0.0.7\\"') == ["/coreos.com/network/subnets/10.1.2.0-24"]
    await ctl(world, "del '/coreos.com/network/subnets/10.1.2.0-24'")
    assert await ctl(world, "get --prefix /coreos.com/network/subnets/ --keys-only") == ""
    await ctl(world, "put /a one")
    assert (await ctl(world, "get --print-value-only /a")).strip() == "one"
    assert (await ctl(world, "get --keys-only /a")).split() == ["/a"]


async def _with_access_control(world: World) -> None:
    for command in await _missing(connection(world), "/calico/"):
        await ctl(world, command)


async def test_access_control_is_set_up_once(world: World) -> None:
    await _with_access_control(world)
    assert await _missing(connection(world), "/calico/") == []
    assert await _may_use(connection(world), "/calico/")


async def test_the_networks_key_opens_the_networks_keys_only(world: World) -> None:
    await _with_access_control(world)
    folder = "/etc/kubernetes/network"
    trust = [f"--cacert={folder}/etcd-ca.crt", f"--cert={folder}/etcd-client.crt"]
    network = [*trust, "--endpoints=https://127.0.0.1:2379", "--prefix", "get", "--keys-only"]
    machine = world.machine("a")
    assert answered(world, machine, [*network, "/calico/"]).status == 0
    for beyond in ("/registry/", "/cali", "/"):
        assert "permission denied" in answered(world, machine, [*network, beyond]).stderr
    assert "permission denied" in answered(world, machine, [*network[:-3], "user", "list"]).stderr


async def test_a_stranger_is_not_let_in(world: World) -> None:
    machine = world.machine("a")
    machine.files["/etc/etcd/pki/operator.crt"] = certificates()["strangerroot.crt"]
    with pytest.raises(Transient, match="deadline"):
        await ctl(world, "member list")


async def test_without_its_key_etcdctl_asks_nobody(world: World) -> None:
    del world.machine("a").files["/etc/etcd/pki/operator.key"]
    with pytest.raises(Transient, match=r"open /etc/etcd/pki/operator\.key: no such file or directory"):
        await ctl(world, "member list")


def test_a_command_that_is_not_simulated_says_so(world: World) -> None:
    answer = answered(world, world.machine("a"), ["snapshot", "save", "x"])
    assert answer.status == 127
    assert "unknown command: etcdctl snapshot save" in answer.stderr


def test_health_as_json_is_followed_by_what_is_wrong(world: World) -> None:
    world.machine("c").powered = False
    machine: Machine = world.machine("a")
    urls = f"https://127.0.0.1:2379,https://{world.machine('c').address}:2379"
    flags = ["--cacert=/etc/etcd/pki/ca.crt", "--cert=/etc/etcd/pki/operator.crt", f"--endpoints={urls}"]
    answer = answered(world, machine, [*flags, "endpoint", "health", "-w", "json"])
    assert [entry["health"] for entry in json.loads(answer.stdout)] == [True, False]
    assert (answer.status, answer.stderr) == (1, "Error: unhealthy cluster\n")
