"""Deployments: pure, from objects to changes."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.kubernetes.controllers import deployment
from core.simulator.kubernetes.controllers.changes import Again, Change, Create, Delete, SetStatus, Update
from core.simulator.kubernetes.controllers.rolling import bounds, proportional, recreated, rolled
from core.simulator.kubernetes.shape import Object
from tests.simulator.kubernetes.made import LONG_AGO, NOW, meta, template


def made(replicas: int = 4, image: str = "nginx:1.29", **spec: Any) -> Object:
    selector = {"matchLabels": {"app": "web"}}
    return {
        "kind": "Deployment",
        "metadata": meta("web", generation=1),
        "spec": {"replicas": replicas, "selector": selector, "template": template(image), **spec},
    }


def a_set(of: Object, size: int, available: int | None = None, **status: int) -> Object:
    """The ReplicaSet of a Deployment's present template."""
    created = next(c for c in deployment.reconcile(of, [], NOW) if isinstance(c, Create)).object
    there = size if available is None else available
    created["metadata"] |= {"uid": f"uid-{created['metadata']['name']}", "creationTimestamp": LONG_AGO}
    created["spec"]["replicas"] = size
    created["status"] = {"replicas": size, "readyReplicas": there, "availableReplicas": there, **status}
    return created


def changes(thing: Object, *sets: Object, now: float = NOW) -> list[Change]:
    return list(deployment.reconcile(thing, sets, now))


def sizes(found: list[Change]) -> dict[str, int]:
    return {one.object["metadata"]["name"]: one.object["spec"]["replicas"] for one in found if isinstance(one, Update)}


def status_of(found: list[Change]) -> Object:
    return next(one.status for one in found if isinstance(one, SetStatus))


def test_the_first_replica_set_has_all_replicas_and_revision_one() -> None:
    found = changes(made())
    created = next(one.object for one in found if isinstance(one, Create))
    label = created["metadata"]["labels"]["pod-template-hash"]
    assert created["metadata"]["name"] == f"web-{label}"
    assert created["spec"]["selector"]["matchLabels"] == {"app": "web", "pod-template-hash": label}
    assert created["spec"]["template"]["metadata"]["labels"] == {"app": "web", "pod-template-hash": label}
    assert created["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    assert created["spec"]["replicas"] == 4


def test_the_same_template_has_the_same_hash_whatever_the_order() -> None:
    turned = {"spec": template()["spec"], "metadata": template()["metadata"]}
    assert deployment.template_hash(template()) == deployment.template_hash(turned)
    assert deployment.template_hash(template()) != deployment.template_hash(template("nginx:1.30"))


def test_a_new_template_gets_a_set_as_large_as_the_surge_lets() -> None:
    old = a_set(made(), 4)
    created = next(one.object for one in changes(made(image="nginx:1.30"), old) if isinstance(one, Create))
    assert created["spec"]["replicas"] == 1
    assert created["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "2"


def test_rolling_never_goes_below_what_must_be_available_nor_above_the_surge() -> None:
    old, now = a_set(made(), 4), made(image="nginx:1.30")
    new = a_set(now, 1, available=0)
    assert rolled(now, new, [old]) == {old["metadata"]["name"]: 3}
    old["spec"]["replicas"] = 3
    assert rolled(now, new, [old]) == {new["metadata"]["name"]: 2}


def test_old_pods_that_do_not_work_go_first() -> None:
    broken, now = a_set(made(), 4, available=0), made(image="nginx:1.30")
    new = a_set(now, 1, available=0)
    assert rolled(now, new, [broken]) == {broken["metadata"]["name"]: 3}
    assert rolled(now, a_set(now, 1, available=1), [broken]) == {broken["metadata"]["name"]: 2}


@pytest.mark.parametrize(
    ("rolling", "expected"),
    [
        ({}, (1, 1)),
        ({"maxSurge": 0, "maxUnavailable": 0}, (0, 1)),
        ({"maxSurge": "100%", "maxUnavailable": "50%"}, (4, 2)),
        ({"maxSurge": 2, "maxUnavailable": "10%"}, (2, 0)),
    ],
)
def test_surge_is_rounded_up_and_unavailable_down(rolling: Object, expected: tuple[int, int]) -> None:
    assert bounds(made(strategy={"rollingUpdate": rolling})) == expected


def test_recreating_waits_until_the_old_pods_are_gone() -> None:
    old, now = a_set(made(), 4), made(image="nginx:1.30", strategy={"type": "Recreate"})
    new = a_set(now, 0)
    assert recreated(now, new, [old]) == {old["metadata"]["name"]: 0}
    old["spec"]["replicas"], old["status"] = 0, {"replicas": 0, "terminatingReplicas": 4}
    assert recreated(now, new, [old]) == {}
    old["status"] = {"replicas": 0}
    assert recreated(now, new, [old]) == {new["metadata"]["name"]: 4}


def test_scaling_while_rolling_gives_each_its_share() -> None:
    old, now = a_set(made(), 8), made(20, image="nginx:1.30", strategy={"rollingUpdate": {"maxSurge": 0}})
    new = a_set(now, 2)
    shares = proportional(now, new, [old])
    assert sum(shares.values()) == 20
    assert shares[old["metadata"]["name"]] == 16


def test_a_paused_one_scales_but_makes_nothing_new() -> None:
    old = a_set(made(), 4)
    found = changes(made(6, image="nginx:1.30", paused=True), old)
    assert not any(isinstance(one, Create) for one in found)
    assert sizes(found) == {old["metadata"]["name"]: 6}
    assert {c["reason"] for c in status_of(found)["conditions"]} >= {"DeploymentPaused"}


def test_a_rollback_makes_the_old_set_the_newest_revision() -> None:
    first, second = a_set(made(), 0), a_set(made(image="nginx:1.30"), 4)
    second["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    updates = [one.object for one in changes(made(), first, second) if isinstance(one, Update)]
    revisions = {each["metadata"]["annotations"].get("deployment.kubernetes.io/revision") for each in updates}
    assert "3" in revisions


def test_status_counts_and_says_when_all_is_done() -> None:
    done = status_of(changes(made(), a_set(made(), 4)))
    counted = {name: done[name] for name in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")}
    assert set(counted.values()) == {4}
    assert done["observedGeneration"] == 1
    assert [one["reason"] for one in done["conditions"]] == ["MinimumReplicasAvailable", "NewReplicaSetAvailable"]


def test_no_progress_within_the_deadline_is_said() -> None:
    waiting = made(progressDeadlineSeconds=60)
    stuck = a_set(waiting, 4, available=0)
    first = changes(waiting, stuck)
    assert any(isinstance(one, Again) and one.seconds == pytest.approx(60) for one in first)
    waiting["status"] = status_of(first)
    later = status_of(changes(waiting, stuck, now=NOW + 61))
    assert later["conditions"][1]["reason"] == "ProgressDeadlineExceeded"


def test_empty_sets_beyond_the_history_limit_go() -> None:
    olds = [a_set(made(image=f"nginx:{number}"), 0) for number in range(4)]
    found = changes(made(revisionHistoryLimit=1), a_set(made(), 4), *olds)
    assert len([one for one in found if isinstance(one, Delete)]) == 3


def test_one_on_its_way_out_is_left_alone() -> None:
    leaving = made()
    leaving["metadata"]["deletionTimestamp"] = LONG_AGO
    assert all(isinstance(one, SetStatus) for one in changes(leaving))
