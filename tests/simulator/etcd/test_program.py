"""etcd as a unit of simulated machines, seen by the product over SSH."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.cluster.etcd import DATA, etcdctl, find, leader_endpoint, members
from core.machines.connections import Connections
from core.simulator.etcd.clusters import cluster_at
from core.simulator.etcd.ensemble import CONTACT, SYNC
from core.simulator.etcd.keys import Range
from core.simulator.machine.machine import Machine
from core.simulator.world import World
from tests.simulator.conftest import Maker
from tests.simulator.etcd.machines import peer, prepare
from tests.simulator.keys import Keys

ETCD = "etcd.service"


async def bootstrapped(make: Maker, *names: str) -> dict[str, Machine]:
    """Machines whose etcd was started at the same time."""
    machines = {name: await make(name) for name in names}
    for machine in machines.values():
        prepare(machine, machines)
    said = await asyncio.gather(*(machine.units.start(ETCD) for machine in machines.values()))
    assert said == [[] for _ in machines]
    return machines


async def test_the_first_members_wait_for_each_other(make: Maker, connections: Connections) -> None:
    a, b = await make("a"), await make("b")
    for machine in (a, b):
        prepare(machine, {"a": a, "b": b})
    first = asyncio.create_task(a.units.start(ETCD))
    while a.units.state(ETCD).state.active != "activating":
        await asyncio.sleep(0)
    assert not first.done()
    assert await b.units.start(ETCD) == []
    assert await first == []
    assert {member.name for member in await members(await connections.get("a"))} == {"a", "b"}
    assert b.files.is_directory(f"{DATA}/member")


async def test_a_worker_joins_votes_and_leaves(make: Maker, connections: Connections) -> None:
    machines = await bootstrapped(make, "a", "b", "c")
    voter, d = await connections.get("a"), await make("d")
    while True:
        try:
            await etcdctl(voter, f"member add d --learner --peer-urls={peer(d)}")
            break
        except Exception as refusal:
            assert "unhealthy cluster" in str(refusal)
            await asyncio.sleep(0.05)
    prepare(d, {**machines, "d": d}, existing=True)
    assert await d.units.start(ETCD) == []
    known = await members(voter)
    own = find(known, peer(d))
    assert own and own.learner
    await asyncio.sleep(SYNC)
    await etcdctl(voter, f"member promote {own.id}", endpoints=leader_endpoint(known))
    await asyncio.sleep(CONTACT)
    await etcdctl(voter, f"member remove {own.id}")
    await _until_at_rest(d)
    assert "permanently removed" in "\n".join(str(line) for line in d.journal.lines(ETCD))
    assert await d.units.start(ETCD) == []
    await _until_at_rest(d)


async def _until_at_rest(machine: Machine) -> None:
    while machine.units.state(ETCD).state.active != "inactive":
        await asyncio.sleep(0.01)
    assert machine.units.state(ETCD).state.result == "success"


async def test_a_machine_that_goes_takes_its_vote_along_and_comes_back(world: World, make: Maker) -> None:
    machines = await bootstrapped(make, "a", "b", "c")
    ensemble = cluster_at(world, machines["a"])
    assert ensemble
    machines["c"].units.enable(ETCD)
    await world.power_off(machines["c"], orderly=False)
    assert [member.up for member in ensemble.members.values()].count(True) == 2
    assert ensemble.has_quorum()
    await world.power_on(machines["c"])
    while not all(member.up for member in ensemble.members.values()):
        await asyncio.sleep(0.01)


async def test_a_member_that_a_fault_parts_counts_for_no_quorum(world: World, make: Maker) -> None:
    machines = await bootstrapped(make, "a", "b", "c")
    ensemble = cluster_at(world, machines["a"])
    assert ensemble
    for name in ("b", "c"):
        world.faults.inject("etcd-member-down", "env", name)
    assert ensemble.leader is None
    world.faults.clear()
    assert ensemble.leader is not None


async def test_a_cluster_outlives_the_simulators_process(home: Path, keys: Keys) -> None:
    world = await World.open(home)
    machine = await world.create(keys.wish("a"))
    prepare(machine, {"a": machine})
    assert await machine.units.start(ETCD) == []
    ensemble = cluster_at(world, machine)
    assert ensemble
    ensemble.keys.put("/word", "kept")
    ensemble.objects.create("namespaces", {"metadata": {"name": "kept"}})
    ensemble.tell()
    await world.close()
    again = await World.open(home)
    back = cluster_at(again, again.machines["env", "a"])
    assert back and back is not ensemble
    assert back.members.keys() == ensemble.members.keys()
    assert back.has_quorum()
    assert back.objects.get("namespaces", "", "kept")
    assert [pair.value for pair in back.keys.get(Range("/word"))] == ["kept"]
    await again.close()


async def test_a_cluster_goes_with_its_last_machine(world: World, make: Maker) -> None:
    await bootstrapped(make, "a")
    await world.remove("env", "a")
    assert world.ensembles == {}


async def test_without_its_certificate_etcd_does_not_start(make: Maker) -> None:
    machine = await make("a")
    prepare(machine, {"a": machine})
    machine.files.remove("/etc/etcd/pki/server.key")
    assert await machine.units.start(ETCD)
    assert "open /etc/etcd/pki/server.key: no such file" in "\n".join(map(str, machine.journal.lines(ETCD)))
    await machine.units.stop(ETCD)
