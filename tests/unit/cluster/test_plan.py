"""The graph keeps etcd's quorum whatever the members are found to be, and never waits for itself."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from core.cluster.context import ClusterContext
from core.cluster.layout import Node
from core.cluster.membership import Member
from core.cluster.plan import cluster_steps
from core.engine.step import Graph, Step
from tests.unit.cluster.conftest import MakeContext, gateway, head, worker

SMALL = [head(), worker(2), worker(3), gateway()]


def member(node: Node, *, learner: bool = False, started: bool = True) -> Member:
    return Member(f"id-{node.name}", node.name if started else "", f"https://{node.address}:2380", learner)


def steps(context: ClusterContext, members: Sequence[Member] | None) -> dict[str, Step]:
    graph = Graph.of(cluster_steps(context, lambda node: None, members))  # type: ignore[arg-type, return-value]
    return {step.id: step for step in graph.steps}


def before(found: dict[str, Step], step: str) -> set[str]:
    """Everything that is done before a step."""
    needs = set(found[step].requires)
    return needs.union(*(before(found, need) for need in needs))


@pytest.mark.parametrize("order", list(itertools.permutations(range(2, 6))))
@pytest.mark.parametrize("lost", [[], ["kube-4"], ["kube-5"]])
def test_two_voters_can_leave_in_whatever_order_etcd_lists_them(
    make_context: MakeContext, order: tuple[int, ...], lost: list[str]
) -> None:
    context = make_context([head(), worker(2), worker(3)], [worker(5), worker(4)], lost=lost)
    found = steps(context, [member(head()), *(member(worker(number)) for number in order)])
    for name in ("kube-4", "kube-5"):
        assert f"alpha/{name}/etcd-leave" in before(found, f"alpha/{name}/delete-node")
        assert (f"alpha/{name}/drain" in before(found, f"alpha/{name}/etcd-leave")) == (name not in lost)


def test_voters_are_changed_one_after_another(make_context: MakeContext) -> None:
    found = steps(make_context(SMALL), [member(node) for node in SMALL[:3]])
    assert "alpha/kube-1/etcd" in before(found, "alpha/kube-2/etcd")
    assert "alpha/kube-2/etcd" in before(found, "alpha/kube-3/etcd")


def test_a_bootstrap_starts_all_voters_at_once(make_context: MakeContext) -> None:
    found = steps(make_context(SMALL), None)
    assert "alpha/kube-1/etcd" not in before(found, "alpha/kube-2/etcd")


def test_a_learner_that_shall_not_vote_leaves_before_another_one_joins(make_context: MakeContext) -> None:
    context = make_context([head(), worker(2), worker(3), worker(4), worker(5), gateway()])
    stray = member(gateway(), learner=True, started=False)
    found = steps(context, [*(member(node) for node in SMALL[:3]), stray])
    assert "alpha/etcd-strays" in before(found, "alpha/kube-4/etcd")


def test_a_learner_that_shall_vote_is_left_to_its_join(make_context: MakeContext) -> None:
    context = make_context([head(), worker(2), worker(3)])
    found = steps(context, [member(head()), member(worker(2)), member(worker(3), learner=True, started=False)])
    assert "alpha/etcd-strays" not in found


def test_while_etcd_does_not_answer_nobody_loses_its_data_without_leaving(make_context: MakeContext) -> None:
    found = steps(make_context(SMALL, [worker(4)]), ())
    assert "alpha/gateway-1/etcd-leave" in before(found, "alpha/gateway-1/etcd")
    assert "alpha/kube-4/etcd-leave" in before(found, "alpha/kube-4/delete")


def test_the_first_start_of_etcd_waits_until_every_voter_has_an_address(make_context: MakeContext) -> None:
    found = steps(make_context(SMALL), None)
    assert {f"alpha/kube-{number}/create" for number in (1, 2, 3)} <= before(found, "alpha/kube-1/etcd")
    assert "alpha/gateway-1/create" not in before(found, "alpha/kube-1/etcd")


def test_a_voter_that_is_only_switched_off_is_not_taken_for_lost(make_context: MakeContext) -> None:
    context = make_context([head(), worker(2), worker(3)], lost=["kube-3"])
    members = [member(head()), member(worker(2)), member(worker(3))]
    assert "alpha/kube-3/etcd-leave" in steps(context, members)
    context = make_context([head(), worker(2), worker(3)])
    object.__setattr__(context.machines["kube-3"], "status", "stopped")
    assert "alpha/kube-3/etcd-leave" not in steps(context, members)


def test_options_are_remembered_before_anything_is_made_with_them(make_context: MakeContext) -> None:
    found = steps(make_context(SMALL), None)
    for step in ("alpha/kube-1/control-plane", "alpha/kube-2/network"):
        assert "alpha/options" in before(found, step)
