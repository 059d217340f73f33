"""etcd is bootstrapped once, whatever happened in between."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.cluster import voters
from core.cluster.context import ROSTER, UP, ClusterContext
from core.cluster.departure import drain_step
from core.cluster.etcd_access import access_step
from core.cluster.layout import Node
from core.cluster.membership import Member, complete
from core.engine.errors import Refusal, Transient
from core.machines.outcome import Completed
from core.store.store import Store
from tests.unit.cluster.conftest import MakeContext, head, quiet, worker


class Machine:
    """A machine that answers commands by the words in them."""

    def __init__(self, name: str, answers: dict[str, str]) -> None:
        self.name = name
        self.answers = answers

    async def run(self, command: str, **_: Any) -> Completed:
        for words, answer in self.answers.items():
            if words in command:
                return Completed(0, answer, "")
        return Completed(1, "", "no such thing")


class Machines:
    def __init__(self, **machines: dict[str, str]) -> None:
        self._machines = machines

    async def get(self, name: str) -> Machine:
        return Machine(name, self._machines.get(name.replace("-", "_"), {}))


def listing(*nodes: Node) -> str:
    members = [
        {"ID": number, "name": node.name, "peerURLs": [f"https://{node.address}:2380"], "clientURLs": []}
        for number, node in enumerate(nodes, 1)
    ]
    return json.dumps({"members": members})


def connect(context: ClusterContext, machines: Machines) -> ClusterContext:
    context.connections = machines  # type: ignore[assignment]
    return context


async def test_etcd_counts_as_up_before_anything_is_kept_in_it(make_context: MakeContext, store: Store) -> None:
    answers = {"user list": "{}", "role list": "{}", "auth status": "{}"}
    context = connect(make_context([head()]), Machines(kube_1=answers))
    with pytest.raises(Transient):
        # The first command that would change something fails, as it does for a run that is killed there.
        await access_step(context, []).apply([], quiet)
    assert store.values.get("lab", "alpha", UP) is True


def test_a_learner_without_a_name_does_not_make_etcd_a_new_one() -> None:
    voter, learner = Member("1", "kube-1", "p1"), Member("2", "", "p2", learner=True)
    assert complete([voter, learner])
    assert not complete([voter, Member("2", "", "p2")])
    assert not complete([])


async def test_a_lost_control_plane_asks_a_voter_that_answers(make_context: MakeContext, store: Store) -> None:
    nodes = [head(), worker(2), worker(3)]
    machines = Machines(kube_3={"member list": listing(*nodes)})
    store.values.set("lab", "alpha", ROSTER, ["kube-1", "kube-2", "gone-since"])
    context = connect(make_context(nodes), machines)
    asked = await voters._asked(context, head())
    assert asked.name == "kube-3"


async def test_a_first_start_with_others_is_not_mixed_with_an_interrupted_one(
    make_context: MakeContext, store: Store
) -> None:
    store.values.set("lab", "alpha", ROSTER, ["kube-1"])
    context = connect(make_context([head(), worker(2), worker(3)]), Machines(kube_1={"test -d": ""}))
    with pytest.raises(Refusal, match="interrupted"):
        await voters._keep_roster(context, ["kube-1", "kube-2", "kube-3"])
    assert store.values.get("lab", "alpha", ROSTER) == ["kube-1"]


async def test_a_first_start_that_left_no_data_may_change_its_roster(make_context: MakeContext, store: Store) -> None:
    store.values.set("lab", "alpha", ROSTER, ["kube-1"])
    context = connect(make_context([head(), worker(2), worker(3)]), Machines())
    await voters._keep_roster(context, ["kube-1", "kube-2", "kube-3"])
    assert store.values.get("lab", "alpha", ROSTER) == ["kube-1", "kube-2", "kube-3"]


async def test_stray_learners_are_told_by_their_peer_url(make_context: MakeContext) -> None:
    context = make_context([head(), worker(2), worker(3)])
    ours = Member("1", "", "https://10.0.0.13:2380", learner=True)
    stray = Member("2", "", "https://10.0.0.99:2380", learner=True)
    assert voters.stray_learners(context, [ours, stray], ["kube-1", "kube-2", "kube-3"]) == [stray]


async def test_from_a_machine_that_is_gone_nothing_is_drained(make_context: MakeContext) -> None:
    context = make_context([head()], [worker(2)], lost=["kube-2"])
    assert await drain_step(context, worker(2), []).probe() == []
