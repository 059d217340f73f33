"""A live cluster asked directly, as the original's cluster class was: what it says, and whom it spares."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.containers.library.cluster import ManagedCluster
from core.engine.errors import Refusal, Trouble
from tests.unit.containers.test_actions import Runtime
from tests.unit.containers.world import CONTROLLERS, PODS, SERVICES, World, application, declare, web

Object = dict[str, Any]

BOTH = [application(), application("admin", ports=[{"port": 8080, "scope": "cloud"}])]


def controller(name: str = "old", replicas: int = 2, **metadata: Any) -> Object:
    containers = [{"name": "a", "image": "a"}]
    template = {"metadata": {"labels": {"id": name}, "annotations": {}}, "spec": {"containers": containers}}
    return {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "metadata": {"name": name} | metadata,
        "spec": {"replicas": replicas, "selector": {"id": name}, "template": template},
    }


@pytest.fixture
def managed(world: World) -> ManagedCluster:
    return ManagedCluster(world.site(declare(web(*BOTH))), Runtime(world), patience=10)


async def test_a_replication_controller_is_made_replaced_scaled_and_deleted(
    world: World, managed: ManagedCluster
) -> None:
    assert await managed.create_replication_controller(controller()) == "ReplicationController old created"
    assert len(world.names(PODS)) == 2
    assert await managed.create_replication_controller(controller(replicas=3)) == "ReplicationController old replaced"
    said = await managed.scale_rc("old", 1)
    assert said == "ReplicationController old: 3 → 1 replicas, all of them ready"
    assert len(world.names(PODS)) == 1
    assert await managed.delete_replication_controller("old") == "ReplicationController old and its pods are deleted"
    assert (world.names(CONTROLLERS), world.names(PODS)) == ([], [])
    assert await managed.delete_replication_controller("old") == "there is no ReplicationController old"


async def test_a_size_counts_only_once_the_pods_are_ready(world: World) -> None:
    managed = ManagedCluster(world.site(declare()), Runtime(world), patience=0.3)
    await managed.create_replication_controller(controller())
    world.healthy = False
    with pytest.raises(Trouble, match="has not 4 ready replicas"):
        await managed.scale_rc("old", 4)


async def test_what_was_made_here_outlives_deployments(world: World, managed: ManagedCluster) -> None:
    await managed.create_replication_controller(controller(labels={"tier": "web"}))
    await world.deploy(declare(web()))
    assert world.names(CONTROLLERS) == ["old"]


async def test_what_others_made_or_a_document_declares_is_refused(world: World, managed: ManagedCluster) -> None:
    world.api.put(f"{CONTROLLERS}/theirs", controller("theirs"))
    with pytest.raises(Refusal, match="theirs was not made here"):
        await managed.create_replication_controller(controller("theirs"))
    declared = web(workload="ReplicationController")
    await world.deploy(declare(declared))
    with pytest.raises(Refusal, match="change the document"):
        await managed.scale_rc("web", 5)
    with pytest.raises(Refusal, match="web was not made here"):
        await managed.delete_replication_controller("web")


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        (controller() | {"kind": "Deployment"}, "no ReplicationController of namespace default"),
        (controller(namespace="team"), "no ReplicationController of namespace default"),
        (controller("a/b"), "metadata.name"),
        (controller(labels={"id": "web"}), "metadata.labels.id"),
    ],
)
async def test_a_wrong_definition_is_refused_by_its_field(
    managed: ManagedCluster, definition: Object, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        await managed.create_replication_controller(definition)


async def test_a_bare_pod_is_made_and_made_anew(world: World, managed: ManagedCluster) -> None:
    definition = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "lone", "labels": {"tier": "x"}}}
    definition |= {"spec": {"containers": [{"name": "a", "image": "a"}]}}
    assert await managed.create_pod(definition) == "Pod lone created"
    before = world.uids()
    assert await managed.create_pod(definition) == "Pod lone replaced"
    assert not before & world.uids()


async def test_pods_are_deleted_by_labels_and_never_without_any(world: World, managed: ManagedCluster) -> None:
    await world.deploy(declare(web(labels={"tier": "web"}), web(name="other")))
    others = [name for name in world.names(PODS) if name.startswith("other")]
    gone = world.uids()
    said = await managed.delete_pods("id=web,tier=web")
    assert said.startswith("2 pods deleted: web-")
    assert [name for name in world.names(PODS) if name.startswith("other")] == others
    assert len(gone - world.uids()) == 2
    assert await managed.delete_pods("id=nothing") == "no pod has the labels id=nothing"
    for labels in ("", "=="):
        with pytest.raises(Refusal):
            await managed.delete_pods(labels)


async def test_only_the_services_of_one_application_are_deleted_and_its_ports_come_back(
    world: World, managed: ManagedCluster
) -> None:
    await world.deploy(declare(web(*BOTH)))
    before = await managed.endpoints("web", "site")
    assert await managed.delete_services("web", "site") == "service web-site deleted"
    assert world.names(SERVICES) == ["web-admin"]
    assert {one.application for one in world.book["web"]} == {"admin"}
    again = await managed.create_service("web", "site")
    assert [(one.scope, one.port) for one in again] == [(one.scope, one.port) for one in before]
    assert world.names(SERVICES) == ["web-admin", "web-site"]
    with pytest.raises(Refusal, match="no application shop"):
        await managed.create_service("web", "shop")


async def test_containers_of_a_pod_are_restarted(world: World, managed: ManagedCluster) -> None:
    await world.deploy(declare(web(*BOTH)))
    async with asyncio.timeout(20):
        assert await managed.restart_containers("web", world.report) == "the containers of web were restarted"


async def test_nothing_is_asked_of_a_cluster_that_is_not_there(world: World, managed: ManagedCluster) -> None:
    world.exists = False
    assert not managed.is_available()
    with pytest.raises(Refusal, match="does not exist"):
        await managed.delete_pods("id=web")
