"""etcd's rules of membership: whatever happens, in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.simulator.etcd import words
from core.simulator.etcd.ensemble import Ensemble, quorum
from core.simulator.etcd.keeping import dump, load
from core.simulator.etcd.member import Member, Process, member_id
from core.simulator.etcd.words import EtcdError, TimedOut
from tests.simulator.etcd.lab import Clock, World

CHOICE = st.integers(0, 20)


class Reconfigurations(RuleBasedStateMachine):
    """Members come, go, are added, promoted and dismissed at random."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.made = 0

    @initialize(size=st.integers(1, 5))
    def bootstrap(self, size: int) -> None:
        members = [Member(member_id([self._peer()], "t"), (f"https://m{number}:2380",)) for number in range(size)]
        self.ensemble = Ensemble("t", members, clock=self.clock)
        for member in members:
            self._run(member)
        self.clock.now += 10

    @rule(seconds=st.sampled_from([0.05, 0.2, 5.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(choice=CHOICE)
    def a_process_ends(self, choice: int) -> None:
        self.ensemble.go(self._one(choice))

    @rule(choice=CHOICE)
    def a_process_starts(self, choice: int) -> None:
        member = self._one(choice)
        if not member.up:
            self._run(member)

    @rule(choice=CHOICE, learner=st.booleans())
    def add(self, choice: int, learner: bool) -> None:
        single = len(self.ensemble.voters) == 1
        self._change(choice, lambda asked: self.ensemble.add(asked, [self._peer()], learner=learner), single)

    @rule(choice=CHOICE, other=CHOICE)
    def remove(self, choice: int, other: int) -> None:
        self._change(choice, lambda asked: self.ensemble.remove(asked, self._one(other).id))

    @rule(choice=CHOICE)
    def promote(self, choice: int) -> None:
        learner = next((m for m in self.ensemble.members.values() if m.learner), None)
        if learner:
            self._change(choice, lambda asked: self.ensemble.promote(asked, learner.id))

    @rule(other=CHOICE)
    def move_leader(self, other: int) -> None:
        self._change(0, lambda _: self.ensemble.move_leader(self._one(other).id))

    @invariant()
    def a_leader_is_a_voter_that_is_up_with_a_majority(self) -> None:
        leader, voters = self.ensemble.leader, self.ensemble.voters
        up = sum(voter.up for voter in voters)
        assert (leader is not None) == (up >= quorum(len(voters)))
        assert leader is None or (leader in voters and leader.up)

    @invariant()
    def at_most_one_learns(self) -> None:
        assert sum(member.learner for member in self.ensemble.members.values()) <= 1

    @invariant()
    def there_is_a_voter(self) -> None:
        assert self.ensemble.voters

    @invariant()
    def nobody_who_was_dismissed_is_back(self) -> None:
        assert not self.ensemble.removed & self.ensemble.members.keys()

    @invariant()
    def what_is_kept_is_what_there_is(self) -> None:
        kept = load(dump(self.ensemble))
        assert dump(kept) == dump(self.ensemble)

    def _change(self, choice: int, change: object, may_lose_quorum: bool = False) -> None:
        """No change that is taken costs the cluster its quorum, but for the one that etcd lets through knowingly."""
        before = self.ensemble.has_quorum()
        asked = self._one(choice)
        if not asked.up or asked.learner:
            return
        try:
            change(asked)  # type: ignore[operator]
        except EtcdError:
            assert self.ensemble.has_quorum() == before
        else:
            assert before
            assert may_lose_quorum or self.ensemble.has_quorum()

    def _one(self, choice: int) -> Member:
        members = list(self.ensemble.members.values())
        return members[choice % len(members)]

    def _run(self, member: Member) -> None:
        process = Process(f"n{member.id:x}", "", (f"https://{member.id}:2379",), self.clock(), lambda: True)
        self.ensemble.come(member, process)

    def _peer(self) -> str:
        self.made += 1
        return f"https://new{self.made}:2380"


TestReconfigurations = Reconfigurations.TestCase
TestReconfigurations.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_members_that_start_together_are_a_cluster_as_soon_as_most_are_there() -> None:
    world = World()
    names = ["a", "b", "c"]
    members = [Member(member_id([world.peer(name)], "t"), (world.peer(name),)) for name in names]
    ensemble = Ensemble("t", members, clock=world.clock)
    world.start(ensemble, members[0], "a")
    assert ensemble.leader is None
    assert not members[0].started, "nobody agreed on its name yet"
    world.start(ensemble, members[1], "b")
    assert ensemble.leader in members[:2]
    assert [member.name for member in members] == ["a", "b", ""]


def test_a_learner_is_promoted_only_when_it_has_the_leaders_log() -> None:
    world = World()
    ensemble = world.bootstrapped("a", "b", "c")
    leader = ensemble.leader
    assert leader
    learner = ensemble.add(leader, [world.peer("d")], learner=True)
    with pytest.raises(EtcdError, match=words.NOT_IN_SYNC):
        ensemble.promote(leader, learner.id)
    world.start(ensemble, learner, "d")
    with pytest.raises(EtcdError, match=words.NOT_IN_SYNC):
        ensemble.promote(leader, learner.id)
    world.clock.now += 1
    ensemble.promote(leader, learner.id)
    with pytest.raises(EtcdError, match=rf"{words.NOT_A_LEARNER}$"):
        ensemble.promote(leader, learner.id)


def test_the_strict_check_waits_for_those_who_have_just_come() -> None:
    world = World()
    ensemble = world.bootstrapped("a", "b", "c")
    asked, other = list(ensemble.members.values())[:2]
    ensemble.go(other)
    with pytest.raises(EtcdError, match=words.UNHEALTHY):
        ensemble.add(asked, [world.peer("d")], learner=True)
    world.start(ensemble, other, "b")
    with pytest.raises(EtcdError, match=words.UNHEALTHY):
        ensemble.add(asked, [world.peer("d")], learner=True)
    world.clock.now += 1
    ensemble.add(asked, [world.peer("d")], learner=True)
    with pytest.raises(EtcdError, match=words.PEER_EXISTS):
        ensemble.add(asked, [world.peer("d")], learner=True)
    with pytest.raises(EtcdError, match=words.TOO_MANY_LEARNERS):
        ensemble.add(asked, [world.peer("e")], learner=True)


def test_of_three_with_one_down_only_that_one_may_go() -> None:
    world = World()
    ensemble = world.bootstrapped("a", "b", "c")
    a, b, c = ensemble.members.values()
    ensemble.go(c)
    with pytest.raises(EtcdError, match=words.UNHEALTHY):
        ensemble.remove(a, b.id)
    ensemble.remove(a, c.id)
    assert c.id in ensemble.removed


def test_the_last_voter_stays() -> None:
    world = World()
    ensemble = world.bootstrapped("a")
    (alone,) = ensemble.members.values()
    with pytest.raises(EtcdError, match=words.NOT_ENOUGH_STARTED):
        ensemble.remove(alone, alone.id)


def test_another_leads_when_the_leader_is_lost_and_nobody_without_a_majority() -> None:
    world = World()
    ensemble = world.bootstrapped("a", "b", "c")
    first, term = ensemble.leader, ensemble.term
    assert first and first.process
    world.machine(first.name).powered = False
    second = ensemble.leader
    assert second and second is not first
    assert ensemble.term == term + 1
    world.machine(second.name).powered = False
    assert ensemble.leader is None
    with pytest.raises(TimedOut):
        ensemble.add(second, [world.peer("d")], learner=True)


def test_leadership_moves_to_voters_that_are_up() -> None:
    world = World()
    ensemble = world.bootstrapped("a", "b", "c")
    leader = ensemble.leader
    heir, down = [voter for voter in ensemble.voters if voter is not leader]
    ensemble.go(down)
    with pytest.raises(EtcdError, match=words.BAD_TRANSFEREE):
        ensemble.move_leader(down.id)
    ensemble.move_leader(heir.id)
    assert ensemble.leader is heir
