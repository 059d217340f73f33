"""Volume claims: made with their pod, on a worker's disk where the cluster has no storage, never taken away."""

from __future__ import annotations

import pytest

from core.engine.errors import Refusal
from core.model.declaration import Declaration
from tests.unit.containers.world import World, application, declare, web

CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"


def stored(**fields: str) -> Declaration:
    volume = {"kind": "claim", "claim": "web-data", "size": "1Gi"} | fields
    return declare(web(application(volumes={"/data": volume})))


def node(world: World, name: str, **spec: object) -> None:
    world.api.put(f"/api/v1/nodes/{name}", {"spec": spec, "status": {}})


async def test_without_storage_of_the_cluster_a_workers_disk_holds_it(world: World) -> None:
    node(world, "gateway-1", taints=[{"key": "gondolier.io/gateway", "effect": "NoSchedule"}])
    node(world, "kube-3")
    node(world, "kube-2")
    await world.deploy(stored())
    (name,) = world.names(VOLUMES)
    volume = world.api.objects[f"{VOLUMES}/{name}"]["spec"]
    assert volume["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"][0]["values"] == ["kube-2"]
    assert volume["persistentVolumeReclaimPolicy"] == "Retain"
    assert world.api.objects[f"{CLAIMS}/web-data"]["spec"]["volumeName"] == name
    assert any("its data is on the disk of kube-2" in line for line in world.lines)
    assert await world.deploy(stored()) == []


async def test_a_default_class_serves_it(world: World) -> None:
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    world.api.put(f"{CLASSES}/fast", {"metadata": {"name": "fast", "annotations": annotations}})
    await world.deploy(stored())
    assert world.names(VOLUMES) == []
    assert "storageClassName" not in world.api.objects[f"{CLAIMS}/web-data"]["spec"]


async def test_a_class_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(Refusal, match=r"claim web-data: the cluster has no storage class fast \(it has: none\)"):
        await world.deploy(stored(storage_class="fast"))


async def test_data_stays_when_the_pod_goes(world: World) -> None:
    node(world, "kube-2")
    await world.deploy(stored())
    await world.deploy(declare())
    assert world.names(CLAIMS) == ["web-data"]
