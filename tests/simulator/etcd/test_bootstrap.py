"""Which cluster an etcd process belongs to, by its data and by what it is told."""

from __future__ import annotations

import pytest

from core.simulator.etcd.bootstrap import Configuration, Ensembles, Identity, StartFailed, enter
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.member import Member
from tests.simulator.etcd.lab import World


def told(world: World, name: str, roster: str = "abc", *, existing: bool = False) -> Configuration:
    return Configuration.read(
        {
            "ETCD_NAME": name,
            "ETCD_DATA_DIR": "/var/lib/etcd/data",
            "ETCD_INITIAL_ADVERTISE_PEER_URLS": world.peer(name),
            "ETCD_ADVERTISE_CLIENT_URLS": "https://x:2379",
            "ETCD_INITIAL_CLUSTER": ",".join(f"{each}={world.peer(each)}" for each in roster),
            "ETCD_INITIAL_CLUSTER_STATE": "existing" if existing else "new",
            "ETCD_INITIAL_CLUSTER_TOKEN": "lab-alpha",
        }
    )


def entered(
    world: World, configuration: Configuration, data: Identity | None = None, *, kept: bool = False
) -> tuple[Ensemble, Member | None]:
    clusters: Ensembles = world.ensembles
    return enter(configuration, data, clusters, lambda t, m: Ensemble(t, m, clock=world.clock), lambda _: kept)


def test_those_who_are_told_the_same_meet_in_one_cluster() -> None:
    world = World()
    found = [entered(world, told(world, name), kept=index > 0) for index, name in enumerate("abc")]
    assert len({id(ensemble) for ensemble, _ in found}) == 1
    assert len({member.id for _, member in found if member}) == 3


def test_those_who_are_told_of_others_make_another_cluster() -> None:
    world = World()
    one, _ = entered(world, told(world, "a"))
    other, _ = entered(world, told(world, "a", "abd"))
    assert one.id != other.id


def test_data_counts_more_than_what_is_told() -> None:
    world = World()
    ensemble = world.bootstrapped("a", "b", "c")
    member = next(iter(ensemble.members.values()))
    data = Identity.read(Identity(ensemble.id, member.id).write())
    assert entered(world, told(world, "a", "xyza"), data) == (ensemble, member)


def test_data_of_a_member_that_was_removed_belongs_to_nobody() -> None:
    world = World()
    ensemble = world.bootstrapped("a", "b", "c")
    a, _, c = ensemble.members.values()
    ensemble.remove(a, c.id)
    assert entered(world, told(world, "c"), Identity(ensemble.id, c.id)) == (ensemble, None)


def test_data_of_a_cluster_that_is_no_more_is_refused() -> None:
    world = World()
    world.bootstrapped("a")
    with pytest.raises(StartFailed, match="cluster ID mismatch"):
        entered(world, told(world, "a"), Identity(1, 2))


def test_a_member_without_its_data_cannot_begin_anew_while_the_others_run() -> None:
    world = World()
    world.bootstrapped("a", "b", "c")
    with pytest.raises(StartFailed, match="has already been bootstrapped"):
        entered(world, told(world, "a"), kept=True)


def test_a_cluster_of_which_nothing_is_left_begins_anew() -> None:
    world = World()
    gone = world.bootstrapped("a")
    for member in gone.members.values():
        gone.go(member)
    fresh, _ = entered(world, told(world, "a", "a"))
    assert fresh is not gone
    assert fresh.id == gone.id


def test_who_joins_must_know_exactly_the_members() -> None:
    world = World()
    ensemble = world.bootstrapped("a", "b", "c")
    asked = next(iter(ensemble.members.values()))
    with pytest.raises(StartFailed, match="member count is unequal"):
        entered(world, told(world, "d", "abcd", existing=True))
    learner = ensemble.add(asked, [world.peer("d")], learner=True)
    with pytest.raises(StartFailed, match="no match found for existing member"):
        entered(world, told(world, "e", "abce", existing=True))
    assert entered(world, told(world, "d", "abcd", existing=True)) == (ensemble, learner)


def test_who_joins_must_reach_somebody() -> None:
    world = World()
    for name in "abc":
        world.machine(name)
    with pytest.raises(StartFailed, match="could not retrieve cluster information"):
        entered(world, told(world, "d", "abcd", existing=True))


def test_the_own_name_must_be_in_the_roster() -> None:
    world = World()
    with pytest.raises(StartFailed, match="couldn't find local name 'd'"):
        entered(world, told(world, "d"))
