"""StatefulSets and DaemonSets: pure."""

from __future__ import annotations

from typing import Any

import msgspec

from core.simulator.kubernetes.controllers import daemonset, statefulset
from core.simulator.kubernetes.controllers.changes import Change, Create, Delete, SetStatus
from core.simulator.kubernetes.scheduler.nodes import NodeRow, node_row
from core.simulator.kubernetes.shape import Object
from tests.simulator.kubernetes.made import NOW, meta, node, pod, row, template


def stateful(replicas: int = 3, image: str = "nginx:1.29", **spec: Any) -> Object:
    return {"metadata": meta("db"), "spec": {"replicas": replicas, "template": template(image), **spec}}


def member(of: Object, ordinal: int, **more: Any) -> Object:
    labels = {statefulset.REVISION: statefulset.revision(of)}
    return pod(f"db-{ordinal}", labels=labels, **more)


def moves(thing: Object, *pods: Object) -> list[Change]:
    return list(statefulset.reconcile(thing, [row(one) for one in pods], [], []))


def made(found: list[Change]) -> list[str]:
    return [one.object["metadata"]["name"] for one in found if isinstance(one, Create) and one.resource == "pods"]


def deleted(found: list[Change]) -> list[str]:
    return [one.key[1] for one in found if isinstance(one, Delete)]


def test_members_come_one_after_another() -> None:
    thing = stateful()
    assert made(moves(thing)) == ["db-0"]
    assert made(moves(thing, member(thing, 0, ready=False))) == []
    assert made(moves(thing, member(thing, 0))) == ["db-1"]


def test_in_parallel_all_come_at_once() -> None:
    assert made(moves(stateful(podManagementPolicy="Parallel"))) == ["db-0", "db-1", "db-2"]


def test_the_last_one_goes_first() -> None:
    thing = stateful(1)
    members = [member(thing, ordinal) for ordinal in range(3)]
    assert deleted(moves(thing, *members)) == ["db-2"]


def test_a_new_template_replaces_from_the_last_one_down() -> None:
    old, new = stateful(), stateful(image="nginx:1.30")
    members = [member(old, ordinal) for ordinal in range(3)]
    assert deleted(moves(new, *members)) == ["db-2"]
    renewed = [member(old, 0), member(old, 1), member(new, 2, ready=False)]
    assert deleted(moves(new, *renewed)) == []
    partial = stateful(image="nginx:1.30", updateStrategy={"rollingUpdate": {"partition": 3}})
    assert deleted(moves(partial, *members)) == []


def test_members_have_claims_of_their_own() -> None:
    thing = stateful(volumeClaimTemplates=[{"metadata": {"name": "data"}, "spec": {}}])
    created = {one.resource: one.object for one in moves(thing) if isinstance(one, Create)}
    assert created["persistentvolumeclaims"]["metadata"]["name"] == "data-db-0"
    volumes = created["pods"]["spec"]["volumes"]
    assert volumes == [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
    assert created["pods"]["spec"]["hostname"] == "db-0"


def test_a_members_status_is_counted_by_revision() -> None:
    old, new = stateful(), stateful(image="nginx:1.30")
    old["status"] = {"currentRevision": statefulset.revision(old)}
    members = [member(old, 0), member(old, 1), member(new, 2)]
    new["status"] = old["status"]
    status = next(one.status for one in moves(new, *members) if isinstance(one, SetStatus))
    assert (status["currentReplicas"], status["updatedReplicas"], status["readyReplicas"]) == (2, 1, 3)
    assert status["currentRevision"] != status["updateRevision"]


def daemons(image: str = "nginx:1.29", **spec: Any) -> Object:
    return {"metadata": meta("agent"), "spec": {"template": template(image, **spec)}}


def nodes(*given: Object) -> list[NodeRow]:
    return [node_row(msgspec.json.encode(one)) for one in given]


def daemon_moves(thing: Object, given: list[NodeRow], *pods: Object) -> list[Change]:
    return list(daemonset.reconcile(thing, given, [row(one) for one in pods], NOW))


def test_every_node_that_takes_it_gets_one() -> None:
    taint = {"key": "gondolier.io/gateway", "effect": "NoSchedule"}
    given = nodes(node("n1"), node("n2", taints=[taint]), node("n3"))
    found = daemon_moves(daemons(), given)
    meant = [row(one.object).meant_for for one in found if isinstance(one, Create)]
    assert meant == ["n1", "n3"]
    everywhere = daemon_moves(daemons(tolerations=[{"operator": "Exists"}]), given)
    assert len(made(everywhere)) == 3


def test_a_cordoned_node_keeps_its_daemons() -> None:
    cordoned = node("n1", taints=[{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}])
    assert len(made(daemon_moves(daemons(), nodes(cordoned)))) == 1


def test_one_on_a_node_that_takes_it_no_longer_goes() -> None:
    found = daemon_moves(daemons(nodeSelector={"disk": "ssd"}), nodes(node("n1")), pod("a", node="n1"))
    assert deleted(found) == ["a"]


def test_one_that_is_not_bound_yet_is_not_made_again() -> None:
    given = nodes(node("n1"))
    first = next(one.object for one in daemon_moves(daemons(), given) if isinstance(one, Create))
    first["metadata"] |= {"uid": "1"}
    assert made(daemon_moves(daemons(), given, first)) == []


def test_a_new_template_replaces_one_at_a_time() -> None:
    old, given = daemons(), nodes(node("n1"), node("n2"))
    labels = {daemonset.HASH: daemonset.revision(old)}
    there = [pod(f"p{number}", node=f"n{number}", labels=labels) for number in (1, 2)]
    assert deleted(daemon_moves(daemons("nginx:1.30"), given, *there)) == ["p1"]
    broken = [pod("p1", node="n1", labels=labels, ready=False), there[1]]
    assert deleted(daemon_moves(daemons("nginx:1.30"), given, *broken)) == ["p1"]


def test_daemons_are_counted() -> None:
    thing = daemons()
    labels = {daemonset.HASH: daemonset.revision(thing)}
    found = daemon_moves(thing, nodes(node("n1"), node("n2")), pod("a", node="n1", labels=labels))
    status = next(one.status for one in found if isinstance(one, SetStatus))
    assert (status["desiredNumberScheduled"], status["numberReady"], status["updatedNumberScheduled"]) == (2, 1, 1)
