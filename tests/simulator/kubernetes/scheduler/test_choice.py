"""Which node a pod gets, and why none: pure."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.scheduler.choice import choose
from core.simulator.kubernetes.scheduler.fit import Candidate, tolerates
from core.simulator.kubernetes.scheduler.nodes import Room, TaintRow, node_row
from core.simulator.kubernetes.shape import Object
from tests.simulator.kubernetes.made import node, pod, row

GATEWAY = {"key": "gondolier.io/gateway", "effect": "NoSchedule"}
ASKS = {"container": {"resources": {"requests": {"cpu": "1500m"}}}}


def rooms(*nodes: Object, pods: tuple[Object, ...] = ()) -> dict[str, Room]:
    found = {one["metadata"]["name"]: Room(node_row(msgspec.json.encode(one))) for one in nodes}
    for one in pods:
        found[one["spec"]["nodeName"]].put(row(one))
    return found


def place(thing: Object, places: dict[str, Room]) -> tuple[str, str]:
    return choose(Candidate(row(thing), thing["spec"]), places)


@pytest.mark.parametrize(
    ("asked", "full", "reason"),
    [
        ({}, {"unschedulable": True}, "node(s) were unschedulable"),
        ({}, {"taints": [GATEWAY]}, "node(s) had untolerated taint(s) {gondolier.io/gateway: }"),
        ({"nodeSelector": {"disk": "ssd"}}, {}, "node(s) didn't match Pod's node affinity/selector"),
        (ASKS, {"allocatable": {"cpu": "1"}}, "Insufficient cpu"),
        ({}, {"allocatable": {"pods": "0"}}, "Too many pods"),
    ],
)
def test_what_keeps_a_pod_off_a_node_is_said(asked: Object, full: Object, reason: str) -> None:
    found, why = place(pod("a", spec=dict(asked)), rooms(node("n1", **full)))
    assert found == ""
    assert why.startswith(f"0/1 nodes are available: 1 {reason}.")


def test_reasons_are_counted_over_all_nodes() -> None:
    places = rooms(node("n1", unschedulable=True), node("n2", unschedulable=True), node("n3", taints=[GATEWAY]))
    _, why = place(pod("a"), places)
    assert "2 node(s) were unschedulable" in why
    assert "1 node(s) had untolerated taint(s) {gondolier.io/gateway: }" in why


def test_without_nodes_it_says_so() -> None:
    assert place(pod("a"), {}) == ("", "no nodes available to schedule pods")


def test_what_is_taken_counts() -> None:
    busy = pod("busy", node="n1", spec=dict(ASKS))
    assert place(pod("a", spec=dict(ASKS)), rooms(node("n1"), node("n2"), pods=(busy,)))[0] == "n2"
    assert "Insufficient cpu" in place(pod("a", spec=dict(ASKS)), rooms(node("n1"), pods=(busy,)))[1]


def test_what_is_given_back_is_free() -> None:
    busy = pod("busy", node="n1", spec=dict(ASKS))
    places = rooms(node("n1"), pods=(busy,))
    places["n1"].take(("default", "busy"))
    assert place(pod("a", spec=dict(ASKS)), places)[0] == "n1"


def test_replicas_of_one_owner_are_spread() -> None:
    owner = {"kind": "ReplicaSet", "name": "web", "uid": "1", "controller": True}
    there = tuple(pod(f"p{number}", node=f"n{number}", owner=owner) for number in (1, 2))
    assert place(pod("a", owner=owner), rooms(node("n1"), node("n2"), node("n3"), pods=there))[0] == "n3"


def test_spread_by_topology_is_heeded_where_it_must_be() -> None:
    rule = {"topologyKey": "zone", "maxSkew": 1, "labelSelector": {"matchLabels": {"app": "web"}}}
    hard: dict[str, Any] = {"topologySpreadConstraints": [rule | {"whenUnsatisfiable": "DoNotSchedule"}]}
    there = (pod("p1", node="n1"),)
    full = rooms(node("n1", labels={"zone": "a"}), node("n2", labels={"zone": "b"}, unschedulable=True), pods=there)
    assert "topology spread constraints" in place(pod("a", spec=dict(hard)), full)[1]
    free = rooms(node("n1", labels={"zone": "a"}), node("n2", labels={"zone": "b"}), pods=there)
    assert place(pod("a", spec=dict(hard)), free)[0] == "n2"


def test_pods_that_will_not_share_a_node_do_not() -> None:
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    there = (pod("p1", node="n1"),)
    _, why = place(pod("a", spec={"affinity": affinity}), rooms(node("n1"), pods=there))
    assert "anti-affinity" in why


def test_a_daemons_pod_is_bound_to_its_own_node() -> None:
    fields = [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]
    terms = {"nodeSelectorTerms": [{"matchFields": fields}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    assert place(pod("a", spec={"affinity": affinity}), rooms(node("n1"), node("n2")))[0] == "n2"


def test_host_ports_are_taken_once() -> None:
    spec = {"container": {"ports": [{"containerPort": 80, "hostPort": 80}]}}
    there = (pod("p1", node="n1", spec=dict(spec)),)
    assert "free ports" in place(pod("a", spec=dict(spec)), rooms(node("n1"), pods=there))[1]


@pytest.mark.parametrize(
    ("toleration", "borne"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "a", "operator": "Exists", "effect": "NoSchedule"}, True),
        ({"key": "a", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "a", "value": "b"}, True),
        ({"key": "a", "value": "c"}, False),
        ({"key": "b", "operator": "Exists"}, False),
    ],
)
def test_tolerations(toleration: Object, borne: bool) -> None:
    found: PodRow = row(pod("a", spec={"tolerations": [toleration]}))
    assert tolerates(found.spec.tolerations, TaintRow("a", "NoSchedule", "b")) is borne
