"""Nodes that go, owners that take along what is theirs, and the other workloads: as kubectl would show it."""

from __future__ import annotations

from typing import Any

from core.simulator.kubernetes.shape import Object
from tests.simulator.kubernetes.made import template
from tests.simulator.kubernetes.running import Running, cluster, is_ready

LABELS = {"app": "web"}


def workload(**spec: Any) -> Object:
    body = {"selector": {"matchLabels": LABELS}, "template": template(), **spec}
    return {"metadata": {"name": "web", "namespace": "default"}, "spec": body}


def taints(node: Object) -> set[str]:
    return {taint["key"] for taint in node["spec"].get("taints", ())}


def named(things: list[Object], name: str) -> Object:
    return next(one for one in things if one["metadata"]["name"] == name)


def word(node: Object) -> str:
    """What a node says of being ready."""
    conditions = {one["type"]: one["status"] for one in node["status"].get("conditions", ())}
    return str(conditions.get("Ready", ""))


async def test_a_node_that_falls_silent_is_left_and_comes_back() -> None:
    async with cluster() as running:
        running.objects.create("deployments.apps", workload(replicas=3))
        before = await running.ready(3)
        lost = next(pod for pod in before if pod["spec"]["nodeName"] == "kube-2")
        await running.kubelets["kube-2"].stop()
        await running.until("nodes", lambda nodes: word(named(nodes, "kube-2")) == "Unknown", "")
        await running.until("pods", lambda pods: sum(map(is_ready, pods)) == 3 and leaves(pods, lost))
        assert "NodeNotReady" in running.reasons("kube-2")
        await running.kubelets["kube-2"].start()
        await running.until("nodes", lambda nodes: word(named(nodes, "kube-2")) == "True", "")
        await running.until("nodes", lambda nodes: not taints(named(nodes, "kube-2")), "")
        await running.ready(3)


def leaves(pods: list[Object], lost: Object) -> bool:
    name = lost["metadata"]["name"]
    return any(pod["metadata"]["name"] == name and "deletionTimestamp" in pod["metadata"] for pod in pods)


async def test_a_deleted_node_takes_its_pods_and_its_lease_along() -> None:
    async with cluster() as running:
        running.objects.create("deployments.apps", workload(replicas=3))
        await running.ready(3)
        await running.kubelets["kube-2"].stop()
        running.objects.delete("nodes", "", "kube-2")
        await running.until(
            "pods", lambda pods: len(pods) == 3 and all(map(is_ready, pods)) and nowhere(pods, "kube-2")
        )
        await running.until("leases.coordination.k8s.io", lambda found: len(found) == 2, "kube-node-lease")


def nowhere(pods: list[Object], node: str) -> bool:
    return all(pod["spec"]["nodeName"] != node for pod in pods)


async def test_a_cordoned_node_gets_no_pods() -> None:
    async with cluster() as running:
        running.change("nodes", "kube-1", lambda node: node["spec"].update(unschedulable=True), "")
        await running.until("nodes", lambda nodes: bool(taints(named(nodes, "kube-1"))), "")
        running.objects.create("deployments.apps", workload(replicas=4))
        assert nowhere(await running.ready(4), "kube-1")
        running.change("nodes", "kube-1", lambda node: node["spec"].pop("unschedulable"), "")
        await running.until("nodes", lambda nodes: not taints(named(nodes, "kube-1")), "")


async def test_a_deleted_deployment_takes_everything_along() -> None:
    async with cluster() as running:
        running.objects.create("deployments.apps", workload(replicas=2))
        await running.ready(2)
        running.objects.delete("deployments.apps", "default", "web")
        await running.until("pods", lambda pods: not pods)
        assert running.objects.list("replicasets.apps") == []


async def test_orphans_stay_and_are_adopted_again() -> None:
    async with cluster() as running:
        running.objects.create("deployments.apps", workload(replicas=2))
        uids = {pod["metadata"]["uid"] for pod in await running.ready(2)}
        running.change("deployments.apps", "web", lambda found: found["metadata"].update(finalizers=["orphan"]))
        running.objects.delete("deployments.apps", "default", "web")
        await running.until("deployments.apps", lambda found: not found)
        assert "ownerReferences" not in running.objects.list("replicasets.apps")[0]["metadata"]
        running.objects.create("deployments.apps", workload(replicas=2))
        await running.until("replicasets.apps", lambda sets: all("ownerReferences" in one["metadata"] for one in sets))
        assert {pod["metadata"]["uid"] for pod in await running.ready(2)} == uids


async def test_a_namespace_is_furnished_and_goes_with_all_it_has() -> None:
    async with cluster() as running:
        running.objects.create("namespaces", {"metadata": {"name": "shop"}})
        await running.until("configmaps", bool, "shop")
        await running.until("serviceaccounts", bool, "shop")
        made = workload(replicas=2)
        made["metadata"]["namespace"] = "shop"
        running.objects.create("deployments.apps", made)
        await running.until("pods", lambda pods: len(pods) == 2 and all(map(is_ready, pods)), "shop")
        running.objects.delete("namespaces", "", "shop")
        await running.until("namespaces", lambda found: not found, "")
        assert running.objects.list("pods", "shop") == []


async def test_a_stateful_set_comes_up_in_order_with_its_claims() -> None:
    async with cluster() as running:
        storage = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        claim = {"metadata": {"name": "data"}, "spec": storage}
        made = workload(replicas=3, serviceName="web", volumeClaimTemplates=[claim])
        subscription = running.objects.subscribe("pods")
        running.objects.create("statefulsets.apps", made)
        await running.ready(3)
        came = [event.name for event in await subscription.batch() if event.type == "ADDED"]
        assert came == ["web-0", "web-1", "web-2"]
        running.change("statefulsets.apps", "web", lambda found: found["spec"].update(replicas=1))
        pods = await running.ready(1)
        assert pods[0]["metadata"]["name"] == "web-0"
        subscription.close()


async def test_a_stateful_set_rolls_from_the_last_one_down() -> None:
    async with cluster() as running:
        running.objects.create("statefulsets.apps", workload(replicas=2, serviceName="web"))
        await running.ready(2)
        running.change("statefulsets.apps", "web", lambda found: found["spec"].update(template=template("nginx:1.30")))
        await running.until(
            "pods", lambda pods: len(pods) == 2 and all(map(is_ready, pods)) and images(pods) == {"nginx:1.30"}
        )
        await running.until("statefulsets.apps", lambda found: found[0]["status"].get("updatedReplicas") == 2)


def images(pods: list[Object]) -> set[str]:
    return {pod["spec"]["containers"][0]["image"] for pod in pods}


async def test_a_daemon_set_follows_the_nodes() -> None:
    async with cluster() as running:
        running.objects.create("daemonsets.apps", workload())
        pods = await running.ready(3)
        assert len({pod["spec"]["nodeName"] for pod in pods}) == 3
        await running.join("kube-4")
        await running.ready(4)


async def test_a_job_ends_well() -> None:
    async with cluster() as running:
        spec = template("busybox:1", container={"command": ["true"]}, restartPolicy="Never")
        body = {"completions": 3, "parallelism": 2, "template": spec}
        running.objects.create("jobs.batch", {"metadata": {"name": "work", "namespace": "default"}, "spec": body})
        done = await running.until("jobs.batch", lambda jobs: jobs[0]["status"].get("succeeded") == 3)
        assert {one["type"] for one in done[0]["status"]["conditions"]} == {"SuccessCriteriaMet", "Complete"}
        assert {pod["status"]["phase"] for pod in running.objects.list("pods")} == {"Succeeded"}


async def test_a_budget_knows_how_many_pods_may_go() -> None:
    async with cluster() as running:
        running.objects.create("deployments.apps", workload(replicas=3))
        budget = {"maxUnavailable": 1, "selector": {"matchLabels": LABELS}}
        named_budget = {"metadata": {"name": "web", "namespace": "default"}, "spec": budget}
        running.objects.create("poddisruptionbudgets.policy", named_budget)
        await running.ready(3)
        await allowed(running, 1)
        running.objects.delete("pods", "default", running.objects.list("pods")[0]["metadata"]["name"])
        await allowed(running, 0)
        await allowed(running, 1)


async def allowed(running: Running, count: int) -> None:
    def done(budgets: list[Object]) -> bool:
        status = budgets[0]["status"]
        return (status.get("disruptionsAllowed"), status.get("expectedPods")) == (count, 3)

    await running.until("poddisruptionbudgets.policy", done)


async def test_a_pod_waits_for_what_it_mounts() -> None:
    async with cluster() as running:
        spec = template(volumes=[{"name": "c", "configMap": {"name": "site"}}])["spec"]
        running.objects.create("pods", {"metadata": {"name": "web", "namespace": "default"}, "spec": spec})
        await running.until("events", lambda events: any(one["reason"] == "FailedMount" for one in events))
        running.objects.create("configmaps", {"metadata": {"name": "site", "namespace": "default"}})
        await running.ready(1)
