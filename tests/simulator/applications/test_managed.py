"""Pods of every sort recreated and restarted, and the cluster asked directly; each test as the one before left it."""

from __future__ import annotations

from typing import Any

import pytest

from core.engine.errors import Refusal
from core.kube.scale import scale
from tests.simulator.applications.conftest import Applications
from tests.simulator.applications.documents import CLUSTER, application, document, pod, port

DOCUMENT = document(
    CLUSTER,
    pod("deployed", application("site", port(80)), {"name": "cache", "catalogue": "redis"}, replicas=2),
    pod("controlled", application("site", port(80, "internal")), replicas=2, workload="ReplicationController"),
    pod("controlled-2", application("site", port(80, "internal"))),
    pod("bare", application("site", port(80, "internal")), replicas=0),
)
PODS = ("deployed", "controlled", "bare")


async def runs(lab: Applications, name: str) -> dict[str, set[str]]:
    """The ids of the containers of each replica of a pod, by the replica's uid."""
    async with lab.cluster() as cluster:
        listed = await cluster.get("/api/v1/namespaces/default/pods", [("labelSelector", f"id={name}")])
    found: list[Any] = (listed or {})["items"]
    return {
        each["metadata"]["uid"]: {status["containerID"] for status in each["status"]["containerStatuses"]}
        for each in found
        if not each["metadata"].get("deletionTimestamp")
    }


async def test_the_status_says_which_kind_of_object_each_pod_is(lab: Applications) -> None:
    assert [(await lab.component(name)).workload for name in PODS] == ["Deployment", "ReplicationController", "Pod"]


@pytest.mark.parametrize("name", PODS)
async def test_a_restart_gives_new_containers_in_the_same_pods_and_spares_all_others(
    lab: Applications, name: str
) -> None:
    before = {each: await runs(lab, each) for each in (*PODS, "controlled-2")}
    outcome = await lab.act(name, "restart-containers")
    assert outcome.good, outcome.message
    after = {each: await runs(lab, each) for each in before}
    assert after[name].keys() == before[name].keys()
    assert all(not after[name][uid] & before[name][uid] for uid in before[name])
    assert {each: after[each] for each in before if each != name} == {
        each: before[each] for each in before if each != name
    }


@pytest.mark.parametrize("name", PODS)
async def test_recreated_every_replica_is_another_one_and_nothing_is_left_to_do(lab: Applications, name: str) -> None:
    before = await lab.uids(name)
    outcome = await lab.act(name, "recreate-pod")
    assert outcome.good, outcome.message
    after = await lab.uids(name)
    assert (len(after), after & before) == (len(before), set())
    assert await lab.plan() == []


async def test_what_was_scaled_by_hand_is_recreated_as_it_is(lab: Applications) -> None:
    async with lab.cluster() as cluster:
        await scale(cluster, "Deployment", "default", "deployed", 3)
    assert (await lab.act("deployed", "recreate-pod")).good
    assert len(await lab.uids("deployed")) == 3
    assert (await lab.deploy()).good


def controller(replicas: int) -> dict[str, Any]:
    containers = [{"name": "site", "image": "nginx:1.29"}]
    template = {"metadata": {"labels": {"app": "old"}}, "spec": {"containers": containers}}
    return {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "metadata": {"name": "old"},
        "spec": {"replicas": replicas, "selector": {"app": "old"}, "template": template},
    }


async def test_the_clusters_own_methods_work_on_what_is_there(lab: Applications) -> None:
    async with lab.console.managed("lab", "alpha") as alpha:
        assert alpha.is_available()
        assert await alpha.create_replication_controller(controller(1)) == "ReplicationController old created"
        assert await alpha.scale_rc("old", 3) == "ReplicationController old: 1 → 3 replicas, all of them ready"
        assert (await alpha.delete_pods("app=old")).startswith("3 pods deleted: old-")
        with pytest.raises(Refusal, match="was not made here"):
            await alpha.scale_rc("controlled", 5)

        before = await alpha.endpoints("deployed")
        assert {one.application for one in before} == {"site", "cache"}
        await alpha.delete_services("deployed", "site")
        assert {one.application for one in await alpha.endpoints("deployed") if one.scope.name != "HOST"} == {"cache"}
        await alpha.create_service("deployed", "site")
        ports = {(one.application, one.scope, one.port) for one in await alpha.endpoints("deployed")}
        assert ports == {(one.application, one.scope, one.port) for one in before}

    assert (await lab.deploy()).good
    async with lab.console.managed("lab", "alpha") as alpha:
        assert await alpha.delete_replication_controller("old") == "ReplicationController old and its pods are deleted"
    assert await lab.plan() == []
