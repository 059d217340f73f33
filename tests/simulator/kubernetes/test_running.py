"""Controllers, scheduler and kubelets together: what someone with kubectl would see."""

from __future__ import annotations

from core.simulator.kubernetes.kubelet.kubelet import Ailments
from core.simulator.kubernetes.shape import Object
from tests.simulator.kubernetes.made import template
from tests.simulator.kubernetes.running import Running, cluster, is_ready

SLICES = "endpointslices.discovery.k8s.io"
DEPLOYMENTS = "deployments.apps"


def deployment(replicas: int = 3, **spec: object) -> Object:
    body = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template(), **spec}
    return {"metadata": {"name": "web", "namespace": "default"}, "spec": body}


def bare(name: str) -> Object:
    made = template(labels={"app": name})
    return {"metadata": {"name": name, "namespace": "default", "labels": {"app": name}}, "spec": made["spec"]}


def image(of: Object, name: str) -> None:
    of["spec"]["template"]["spec"]["containers"][0]["image"] = name


async def rolled_out(running: Running, replicas: int, generation: int) -> Object:
    """The Deployment, as soon as kubectl would say that it is rolled out."""

    def done(found: list[Object]) -> bool:
        status = found[0]["status"]
        counts = {status.get(name) for name in ("replicas", "updatedReplicas", "availableReplicas")}
        return counts == {replicas} and status.get("observedGeneration") == generation

    return (await running.until(DEPLOYMENTS, done))[0]


async def test_a_deployment_comes_up_spread_over_the_nodes_and_behind_its_service() -> None:
    async with cluster() as running:
        running.objects.create(DEPLOYMENTS, deployment())
        service = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
        running.objects.create("services", {"metadata": {"name": "web", "namespace": "default"}, "spec": service})
        pods = await running.ready(3)
        assert {pod["spec"]["nodeName"] for pod in pods} == {"kube-1", "kube-2", "kube-3"}
        found = await running.until(SLICES, lambda slices: len(ready_addresses(slices)) == 3)
        assert ready_addresses(found) == {pod["status"]["podIP"] for pod in pods}
        assert {"Scheduled", "Pulling", "Pulled", "Created", "Started"} <= set(
            running.reasons(pods[0]["metadata"]["name"])
        )
        assert "ScalingReplicaSet" in running.reasons("web")


def ready_addresses(slices: list[Object]) -> set[str]:
    return {
        address
        for one in slices
        for endpoint in one["endpoints"]
        if endpoint["conditions"]["ready"]
        for address in endpoint["addresses"]
    }


async def test_a_new_image_rolls_and_a_rollback_brings_the_old_one_back() -> None:
    async with cluster() as running:
        running.objects.create(DEPLOYMENTS, deployment())
        await rolled_out(running, 3, 1)
        running.change(DEPLOYMENTS, "web", lambda found: image(found, "nginx:1.30"))
        await rolled_out(running, 3, 2)
        pods = await running.ready(3)
        assert {pod["spec"]["containers"][0]["image"] for pod in pods} == {"nginx:1.30"}
        running.change(DEPLOYMENTS, "web", lambda found: image(found, "nginx:1.29"))
        found = await rolled_out(running, 3, 3)
        assert found["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"
        sets = running.objects.list("replicasets.apps")
        assert sorted(one["spec"]["replicas"] for one in sets) == [0, 3]


async def test_a_bad_image_leaves_the_old_pods_serving() -> None:
    async with cluster() as running:
        running.objects.create(DEPLOYMENTS, deployment())
        await rolled_out(running, 3, 1)
        running.change(DEPLOYMENTS, "web", lambda found: image(found, "nginx:does-not-exist"))
        pods = await running.until("pods", lambda pods: any(waits(pod, "ImagePullBackOff") for pod in pods))
        assert sum(map(is_ready, pods)) == 3


def waits(pod: Object, reason: str) -> bool:
    statuses = pod["status"].get("containerStatuses", ())
    return any(one["state"].get("waiting", {}).get("reason") == reason for one in statuses)


async def test_recreating_never_mixes_old_and_new() -> None:
    async with cluster() as running:
        running.objects.create(DEPLOYMENTS, deployment(strategy={"type": "Recreate"}))
        await rolled_out(running, 3, 1)
        subscription = running.objects.subscribe("pods")
        running.change(DEPLOYMENTS, "web", lambda found: image(found, "nginx:1.30"))
        await rolled_out(running, 3, 2)
        old: set[str] = {event.name for event in await subscription.batch() if event.type == "DELETED"}
        assert len(old) == 3
        subscription.close()


async def test_scaling_down_and_up_again() -> None:
    async with cluster() as running:
        running.objects.create(DEPLOYMENTS, deployment())
        await running.ready(3)
        running.change(DEPLOYMENTS, "web", lambda found: found["spec"].update(replicas=1))
        await running.ready(1)
        running.change(DEPLOYMENTS, "web", lambda found: found["spec"].update(replicas=5))
        await running.ready(5)


async def test_a_replication_controller_replaces_what_is_deleted() -> None:
    async with cluster() as running:
        body = {"replicas": 2, "selector": {"app": "web"}, "template": template()}
        made = {"metadata": {"name": "web", "namespace": "default"}, "spec": body}
        running.objects.create("replicationcontrollers", made)
        first = await running.ready(2)
        name = first[0]["metadata"]["name"]
        running.objects.delete("pods", "default", name)
        await running.until("pods", lambda pods: name not in {pod["metadata"]["name"] for pod in pods})
        await running.ready(2)


async def test_a_pod_without_controller_that_fits_is_adopted() -> None:
    async with cluster() as running:
        running.objects.create("pods", bare("web"))
        await running.ready(1)
        running.objects.create(DEPLOYMENTS, deployment(2))
        pods = await running.ready(3)
        assert sum("ownerReferences" in pod["metadata"] for pod in pods) == 2
        body = {"replicas": 1, "selector": {"app": "web"}, "template": template()}
        running.objects.create(
            "replicationcontrollers", {"metadata": {"name": "a", "namespace": "default"}, "spec": body}
        )
        await running.until("pods", lambda pods: all("ownerReferences" in pod["metadata"] for pod in pods))


async def test_a_pod_that_fits_nowhere_waits_until_a_node_comes() -> None:
    async with cluster(nodes=()) as running:
        running.objects.create("pods", bare("web"))
        await running.until("events", lambda events: any(one["reason"] == "FailedScheduling" for one in events))
        await running.join("kube-1")
        await running.ready(1)


async def test_a_deleted_pod_goes_when_its_containers_have_ended() -> None:
    async with cluster() as running:
        running.objects.create("pods", bare("web"))
        await running.ready(1)
        running.objects.delete("pods", "default", "web")
        assert running.objects.get("pods", "default", "web") is not None
        await running.until("pods", lambda pods: not pods)
        assert "Killing" in running.reasons("web")


async def test_a_kubelet_that_starts_again_goes_on_with_its_pods() -> None:
    async with cluster(nodes=("kube-1",)) as running:
        running.objects.create("pods", bare("web"))
        before = (await running.ready(1))[0]
        await running.kubelets["kube-1"].stop()
        running.objects.create("pods", bare("late"))
        running.objects.delete("pods", "default", "web")
        await running.kubelets["kube-1"].start()
        after = await running.until("pods", lambda pods: len(pods) == 1 and is_ready(pods[0]))
        assert after[0]["metadata"]["name"] == "late"
        assert after[0]["status"]["podIP"] != before["status"]["podIP"]


async def test_a_container_stopped_in_the_runtime_is_started_again() -> None:
    async with cluster(nodes=("kube-1",)) as running:
        running.objects.create("pods", bare("web"))
        await running.ready(1)
        kubelet = running.kubelets["kube-1"]
        known = kubelet.containers()
        assert [(one.name, one.pod) for one in known] == [("main", ("default", "web"))]
        assert kubelet.restart_container(known[0].id)
        assert not kubelet.restart_container("0000")
        await running.until("pods", lambda pods: restarts(pods[0]) == 1 and is_ready(pods[0]))


def restarts(pod: Object) -> int:
    count: int = pod["status"]["containerStatuses"][0]["restartCount"]
    return count


async def test_a_fault_ends_containers_until_it_is_cleared() -> None:
    status: list[int] = []
    ailments = Ailments(crash=lambda pod: status[0] if status and pod.startswith("web") else None)
    async with cluster(nodes=()) as running:
        kubelet = await running.join("kube-1", ailments)
        running.objects.create("pods", bare("web"))
        await running.ready(1)
        status.append(137)
        kubelet.look_again()
        await running.until("pods", lambda pods: waits(pods[0], "CrashLoopBackOff"))
        status.clear()
        found = await running.until("pods", lambda pods: is_ready(pods[0]))
        assert found[0]["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] == "OOMKilled"


async def test_a_node_is_ready_only_when_nothing_hinders_it() -> None:
    trouble = ["container runtime network not ready: NetworkReady=false"]
    async with cluster(nodes=()) as running:
        await running.join("kube-1", Ailments(obstacle=lambda: "".join(trouble)))
        found = await running.until("nodes", lambda nodes: bool(nodes and nodes[0]["status"].get("conditions")), "")
        ready = next(one for one in found[0]["status"]["conditions"] if one["type"] == "Ready")
        assert (ready["status"], ready["message"]) == ("False", trouble[0])
        trouble.clear()
        await running.until("nodes", lambda nodes: is_ready(nodes[0]), "")
