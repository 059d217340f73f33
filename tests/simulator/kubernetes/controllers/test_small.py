"""Garbage, namespaces, budgets, claims: pure."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.kubernetes.controllers import claims, disruption, garbage, namespace, orphans
from core.simulator.kubernetes.controllers.changes import Create, Delete, SetStatus, Update
from core.simulator.kubernetes.shape import Object
from tests.simulator.kubernetes.made import LONG_AGO, NOW, meta, pod, row


def owned(*owners: str, blocking: bool = True) -> Object:
    references = [{"kind": "ReplicaSet", "uid": f"uid-{name}", "blockOwnerDeletion": blocking} for name in owners]
    return {"metadata": meta("child", ownerReferences=references)}


def owner(name: str, *finalizers: str) -> Object:
    leaving = {"deletionTimestamp": LONG_AGO} if finalizers else {}
    return {"metadata": meta(name, finalizers=list(finalizers), **leaving)}


def test_what_has_lost_all_owners_goes() -> None:
    assert list(garbage.collected("pods", owned("a"), [None])) == [Delete("pods", ("default", "child"), "uid-child")]


def test_what_has_an_owner_left_stays_without_the_other() -> None:
    found = list(garbage.collected("pods", owned("a", "b"), [None, owner("b")]))
    assert isinstance(found[0], Update)
    assert [one["uid"] for one in found[0].object["metadata"]["ownerReferences"]] == ["uid-b"]


def test_what_nobody_owns_stays() -> None:
    assert list(garbage.collected("pods", {"metadata": meta("alone")}, [])) == []


def test_an_owner_that_waits_for_its_dependents_counts_as_gone() -> None:
    assert list(garbage.collected("pods", owned("a"), [owner("a", garbage.FOREGROUND)]))


def test_orphans_are_let_go_and_then_the_owner() -> None:
    found = list(garbage.released("replicasets.apps", owner("a", garbage.ORPHAN), [("pods", owned("a"))]))
    assert [one.resource for one in found if isinstance(one, Update)] == ["pods", "replicasets.apps"]
    assert all(isinstance(one, Update) for one in found)
    child, parent = (one.object for one in found if isinstance(one, Update))
    assert "ownerReferences" not in child["metadata"]
    assert parent["metadata"]["finalizers"] == []


def test_in_the_foreground_the_owner_waits() -> None:
    waiting = owner("a", garbage.FOREGROUND)
    assert list(garbage.released("replicasets.apps", waiting, [("pods", owned("a"))])) == []
    assert list(garbage.released("replicasets.apps", waiting, [("pods", owned("a", blocking=False))]))


def test_a_namespace_is_furnished_once() -> None:
    found = list(namespace.furnished({"metadata": {"name": "shop"}}, account=False, authority=False, certificate="PEM"))
    made = {one.resource: one.object for one in found if isinstance(one, Create)}
    assert made["serviceaccounts"]["metadata"]["name"] == "default"
    assert made["configmaps"]["data"] == {"ca.crt": "PEM"}
    again = namespace.furnished({"metadata": {"name": "shop"}}, account=True, authority=True, certificate="PEM")
    assert list(again) == []


def test_a_namespace_goes_when_it_is_empty() -> None:
    leaving = {"metadata": {"name": "shop", "deletionTimestamp": LONG_AGO}}
    place = ("pods", ("shop", "a"))
    assert list(namespace.emptied(leaving, [place], left=True)) == [Delete(*place)]
    assert list(namespace.emptied(leaving, [], left=True)) == []
    assert list(namespace.emptied(leaving, [], left=False)) == [Delete("namespaces", ("", "shop"), now=True)]
    assert list(namespace.emptied({"metadata": {"name": "shop"}}, [place], left=True)) == []


@pytest.mark.parametrize(
    ("spec", "expected", "allowed"),
    [
        ({"minAvailable": 2}, 3, 1),
        ({"minAvailable": "50%"}, 3, 1),
        ({"minAvailable": 3}, 3, 0),
        ({"maxUnavailable": 1}, 3, 1),
        ({"maxUnavailable": 1}, 4, 0),
        ({"maxUnavailable": "34%"}, 3, 2),
    ],
)
def test_budgets(spec: Object, expected: int, allowed: int) -> None:
    budget: dict[str, Any] = {"metadata": meta("b", generation=2), "spec": spec}
    pods = [row(pod(name)) for name in "abc"]
    status = next(one.status for one in disruption.reconcile(budget, pods, expected, NOW) if isinstance(one, SetStatus))
    assert (status["disruptionsAllowed"], status["observedGeneration"]) == (allowed, 2)


def test_pods_that_leave_are_not_healthy() -> None:
    budget: dict[str, Any] = {"metadata": meta("b"), "spec": {"minAvailable": 1}}
    pods = [row(pod("a", leaving=True)), row(pod("b"))]
    status = next(one.status for one in disruption.reconcile(budget, pods, 2, NOW) if isinstance(one, SetStatus))
    assert (status["currentHealthy"], status["disruptionsAllowed"]) == (1, 0)


def test_a_claim_is_bound_to_a_volume_of_its_own() -> None:
    claim = {"metadata": meta("data"), "spec": {"resources": {"requests": {"storage": "2Gi"}}}}
    found = list(claims.reconcile(claim, volume=False))
    made = next(one.object for one in found if isinstance(one, Create))
    assert made["spec"]["capacity"] == {"storage": "2Gi"}
    assert {one.status["phase"] for one in found if isinstance(one, SetStatus)} == {"Bound"}
    assert list(claims.reconcile(claim | {"status": {"phase": "Bound"}}, volume=True)) == []


def test_pods_of_a_node_that_is_gone_go_at_once() -> None:
    assert list(orphans.reconcile([row(pod("a"))])) == [Delete("pods", ("default", "a"), "uid-a", now=True)]
