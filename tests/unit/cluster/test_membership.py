"""Membership arithmetic: who votes, which moves lead there, which of them is safe."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.cluster.membership import Member, Move, moves, quorum, refusal, tolerance, voters_wanted

NAMES = [f"kube-{number}" for number in range(1, 12)]

sizes = st.integers(1, len(NAMES))
some_names = st.lists(st.sampled_from(NAMES), unique=True, min_size=1)


def test_the_smallest_cluster_votes_with_all_three_as_the_original_did() -> None:
    assert voters_wanted(["kube-1", "kube-2", "gateway-1"], "auto") == ("kube-1", "kube-2", "gateway-1")


def test_an_even_number_of_nodes_leaves_one_without_a_vote() -> None:
    assert voters_wanted(["kube-1", "kube-2", "kube-3", "gateway-1"], "auto") == ("kube-1", "kube-2", "kube-3")


@given(sizes)
def test_automatic_voters_are_odd_and_at_most_five(size: int) -> None:
    voters = voters_wanted(NAMES[:size], "auto")
    assert len(voters) % 2 == 1
    assert len(voters) <= 5
    assert voters[0] == "kube-1"


@given(sizes)
def test_the_policy_all_gives_everyone_a_vote(size: int) -> None:
    assert voters_wanted(NAMES[:size], "all") == tuple(NAMES[:size])


@given(st.integers(1, 20))
def test_a_quorum_survives_exactly_the_tolerated_losses(voters: int) -> None:
    assert voters - tolerance(voters) >= quorum(voters)
    assert voters - tolerance(voters) - 1 < quorum(voters)


@given(some_names, some_names, st.sets(st.sampled_from(NAMES)))
def test_moves_lead_from_the_current_voters_to_the_wanted_ones(
    current: list[str], wanted: list[str], lost: set[str]
) -> None:
    voters = list(current)
    for move in moves(current, wanted, lost):
        assert move.voters_before == len(voters)
        if move.kind == "join":
            assert move.name not in voters
            voters.append(move.name)
        else:
            voters.remove(move.name)
        assert move.voters_after == len(voters)
    assert set(voters) == set(wanted)


@given(some_names, some_names)
def test_joins_come_before_the_leaves_of_healthy_members(current: list[str], wanted: list[str]) -> None:
    kinds = [move.kind for move in moves(current, wanted)]
    assert kinds == sorted(kinds)


def test_a_lost_member_leaves_before_anyone_joins() -> None:
    found = [(move.kind, move.name) for move in moves(["a", "b", "c"], ["a", "b", "d"], lost={"c"})]
    assert found == [("leave", "c"), ("join", "d")]


def test_a_lost_member_that_is_still_wanted_leaves_and_joins_again() -> None:
    found = [(move.kind, move.name) for move in moves(["a", "b", "c"], ["a", "b", "c"], lost={"c"})]
    assert found == [("leave", "c"), ("join", "c")]


def test_a_preview_says_what_may_be_lost_before_and_after() -> None:
    assert Move("join", "kube-4", 3, 4).preview() == "voters 3 → 4, tolerates 1 → 1 lost"


def _members(*healthy: bool) -> list[Member]:
    return [Member(f"{n}", f"m{n}", f"https://10.0.0.{n}:2380", healthy=ok) for n, ok in enumerate(healthy)]


def test_removing_a_second_member_while_one_is_down_is_refused_with_the_arithmetic() -> None:
    reason = refusal(_members(True, True, False), "leave", "m0")
    assert reason is not None
    assert "need 2" in reason
    assert "m2" in reason


def test_removing_the_dead_member_is_allowed() -> None:
    assert refusal(_members(True, True, False), "leave", "m2") is None


def test_the_last_voter_may_not_leave() -> None:
    assert refusal(_members(True), "leave", "m0") is not None


def test_a_single_healthy_voter_may_be_joined() -> None:
    assert refusal(_members(True), "join", "m9") is None


def test_nobody_joins_a_cluster_that_has_lost_its_quorum() -> None:
    assert refusal(_members(True, False, False), "join", "m9") is not None


@given(st.lists(st.booleans(), min_size=1, max_size=9), st.integers(0, 8))
def test_an_allowed_leave_never_costs_the_quorum(healthy: list[bool], victim: int) -> None:
    known = _members(*healthy)
    name = known[victim % len(known)].name
    if refusal(known, "leave", name) is None:
        staying = [member for member in known if member.name != name]
        assert sum(member.healthy for member in staying) >= quorum(len(staying))
