"""ReplicaSets and ReplicationControllers: pure, from objects to changes."""

from __future__ import annotations

from core.simulator.kubernetes.controllers import replicas
from core.simulator.kubernetes.controllers.changes import Again, Change, Create, Delete, Emit, SetStatus
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.shape import Object, stamp
from tests.simulator.kubernetes.made import NOW, meta, pod, row, template

SETS = "replicasets.apps"


def owner(count: int, **spec: object) -> Object:
    selector = {"matchLabels": {"app": "web"}}
    body = {"replicas": count, "selector": selector, "template": template(), **spec}
    return {"kind": "ReplicaSet", "metadata": meta("web", generation=3), "spec": body}


def changes(thing: Object, *pods: Object, resource: str = SETS) -> list[Change]:
    return list(replicas.reconcile(resource, thing, [row(one) for one in pods], NOW))


def test_missing_pods_are_made_from_the_template() -> None:
    found = changes(owner(2))
    created = [one.object for one in found if isinstance(one, Create)]
    assert len({one["metadata"]["name"] for one in created}) == 2
    owned = created[0]["metadata"]["ownerReferences"][0]
    assert (owned["uid"], owned["controller"]) == ("uid-web", True)
    assert created[0]["metadata"]["labels"] == {"app": "web"}
    told = [one.message for one in found if isinstance(one, Emit)]
    assert told == [f"Created pod: {one['metadata']['name']}" for one in created]


def test_pods_that_ended_or_leave_do_not_count() -> None:
    found = changes(owner(1), pod("a", phase="Failed"), pod("b", leaving=True))
    assert len([one for one in found if isinstance(one, Create)]) == 1


def test_one_on_its_way_out_makes_nothing() -> None:
    gone = owner(3)
    gone["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert not any(isinstance(one, Create) for one in changes(gone))


def first(*pods: Object) -> list[str]:
    rows: list[PodRow] = [row(one) for one in pods]
    return [one.name for one in replicas.first_to_go(rows)]


def test_who_goes_first() -> None:
    old: Object = {"creationTimestamp": "2026-01-01T00:00:00Z"}
    young: Object = {"creationTimestamp": "2026-06-01T00:00:00Z"}
    assert first(pod("bound", node="n1"), pod("unbound", phase="Pending", ready=False)) == ["unbound", "bound"]
    assert first(pod("ready", node="n1"), pod("unready", node="n2", ready=False)) == ["unready", "ready"]
    assert first(pod("old", node="n1", **old), pod("young", node="n2", **young)) == ["young", "old"]
    crowded = first(pod("alone", node="n1", **young), pod("x", node="n2", **old), pod("y", node="n2", **old))
    assert crowded[-1] == "alone"


def test_too_many_are_deleted() -> None:
    found = changes(owner(1), pod("a", node="n1"), pod("b", phase="Pending", ready=False))
    assert [one.key for one in found if isinstance(one, Delete)] == [("default", "b")]


def test_status_counts_what_is_there() -> None:
    found = changes(owner(2), pod("a"), pod("b", ready=False), pod("c", leaving=True))
    status = next(one.status for one in found if isinstance(one, SetStatus))
    assert status == {
        "replicas": 2,
        "fullyLabeledReplicas": 2,
        "readyReplicas": 1,
        "availableReplicas": 1,
        "terminatingReplicas": 1,
        "observedGeneration": 3,
    }


def test_a_replication_controller_counts_no_terminating_ones() -> None:
    found = changes(owner(0), pod("c", leaving=True), resource="replicationcontrollers")
    assert "terminatingReplicas" not in next(one.status for one in found if isinstance(one, SetStatus))


def test_available_means_ready_for_long_enough() -> None:
    found = changes(owner(1, minReadySeconds=30), pod("a", since=stamp(NOW - 10)))
    status = next(one.status for one in found if isinstance(one, SetStatus))
    assert (status["readyReplicas"], status.get("availableReplicas", 0)) == (1, 0)
    assert [one.seconds for one in found if isinstance(one, Again)] == [20]
