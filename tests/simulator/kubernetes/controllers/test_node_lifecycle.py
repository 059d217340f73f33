"""Nodes that fall silent: pure."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.kubernetes.controllers import node_lifecycle
from core.simulator.kubernetes.controllers.changes import Again, Change, Delete, Emit, SetStatus, Update
from core.simulator.kubernetes.controllers.node_lifecycle import Silence
from core.simulator.kubernetes.shape import Object, stamp
from tests.simulator.kubernetes.made import NOW, pod, row


def node(status: str = "True", taints: list[Object] | None = None, **spec: Any) -> Object:
    ready = {"type": "Ready", "status": status, "lastHeartbeatTime": stamp(NOW), "lastTransitionTime": stamp(NOW)}
    spec |= {"taints": taints} if taints else {}
    return {"metadata": {"name": "kube-2"}, "spec": spec, "status": {"conditions": [ready]}}


def changes(thing: Object, *pods: Object, silent: bool = False, now: float = NOW) -> list[Change]:
    rows = [row(one) for one in pods]
    found = node_lifecycle.reconcile(thing, rows, silent=silent, grace=5, waiting=1, now=now)
    return [one for one in found if not isinstance(one, Again)]


def taints(found: list[Change]) -> set[tuple[str, str]]:
    update = next(one.object for one in found if isinstance(one, Update))
    return {(taint["key"], taint["effect"]) for taint in update["spec"].get("taints", ())}


def test_a_silent_node_is_unknown_and_unreachable() -> None:
    found = changes(node(), silent=True)
    status = next(one.status for one in found if isinstance(one, SetStatus))
    assert {one["status"] for one in status["conditions"]} == {"Unknown"}
    assert taints(found) == {(node_lifecycle.UNREACHABLE, "NoSchedule"), (node_lifecycle.UNREACHABLE, "NoExecute")}
    assert [one.reason for one in found if isinstance(one, Emit)] == ["NodeNotReady"]


def test_a_node_that_says_that_it_is_not_ready_is_believed() -> None:
    found = changes(node("False"))
    assert taints(found) == {(node_lifecycle.NOT_READY, "NoSchedule"), (node_lifecycle.NOT_READY, "NoExecute")}


def test_a_node_that_is_back_loses_our_taints_and_keeps_others() -> None:
    mine = {"key": "mine", "effect": "NoSchedule"}
    ours = {"key": node_lifecycle.UNREACHABLE, "effect": "NoExecute", "timeAdded": stamp(NOW)}
    assert taints(changes(node(taints=[mine, ours]))) == {("mine", "NoSchedule")}


def test_a_cordoned_node_is_tainted() -> None:
    assert taints(changes(node(unschedulable=True))) == {(node_lifecycle.CORDONED, "NoSchedule")}


def test_nothing_changes_nothing() -> None:
    assert changes(node()) == []


def unreachable(since: float) -> Object:
    taint = {"key": node_lifecycle.UNREACHABLE, "timeAdded": stamp(since)}
    return node("Unknown", [{**taint, "effect": "NoSchedule"}, {**taint, "effect": "NoExecute"}])


@pytest.mark.parametrize(
    ("toleration", "leaves"),
    [
        (None, True),
        ({"key": node_lifecycle.UNREACHABLE, "operator": "Exists", "effect": "NoExecute"}, False),
        ({"operator": "Exists", "tolerationSeconds": 60}, True),
        ({"operator": "Exists", "tolerationSeconds": 600}, False),
    ],
)
def test_pods_leave_when_they_bear_it_no_longer(toleration: Object | None, leaves: bool) -> None:
    spec = {"tolerations": [toleration]} if toleration else {}
    found = changes(unreachable(NOW - 120), pod("a", spec=spec), silent=True)
    assert any(isinstance(one, Delete) for one in found) is leaves


def test_silence_is_measured_by_our_own_clock() -> None:
    silence = Silence(grace=5)
    assert not silence.of("a", "one", NOW)
    assert not silence.of("a", "one", NOW + 4)
    assert silence.of("a", "one", NOW + 6)
    assert not silence.of("a", "two", NOW + 7)


def test_who_was_away_does_not_blame_the_nodes() -> None:
    silence = Silence(grace=5)
    silence.of("a", "one", NOW)
    assert not silence.of("a", "one", NOW + 100)
