"""The product's own client against the simulated API."""

from __future__ import annotations

from typing import Any

import pytest

from core.engine.errors import Refusal, Trouble
from core.kube import paths
from core.kube.access import Cluster
from core.kube.problems import Blocked, Conflict, Forbidden
from core.kube.rows import DeploymentRow, PodRow
from core.kube.watch import Added, Deleted, Modified, Synced, watch
from tests.simulator.kubernetes.kubelets import run_pod
from tests.simulator.kubernetes.serving import Served

Object = dict[str, Any]


def deployment(name: str, replicas: int = 2, image: str = "nginx:1.29") -> Object:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": image}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


async def test_apply_creates_then_changes_then_leaves_alone(cluster: Cluster, served: Served) -> None:
    made = await cluster.apply(deployment("web"))
    assert made["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": "25%", "maxUnavailable": "25%"}
    changed = await cluster.apply(deployment("web", replicas=3))
    assert changed["spec"]["replicas"] == 3 and changed["metadata"]["generation"] == 2
    same = await cluster.apply(deployment("web", replicas=3))
    assert same["metadata"]["resourceVersion"] == changed["metadata"]["resourceVersion"]
    assert len(served.objects.list("deployments.apps")) == 1


async def test_a_dry_run_keeps_nothing(cluster: Cluster, served: Served) -> None:
    shown = await cluster.apply(deployment("web"), dry_run=True)
    assert shown["spec"]["revisionHistoryLimit"] == 10
    assert served.objects.list("deployments.apps") == []


async def test_what_apply_no_longer_says_goes(cluster: Cluster) -> None:
    manifest = deployment("web")
    manifest["metadata"]["annotations"] = {"a": "1", "b": "2"}
    await cluster.apply(manifest)
    manifest["metadata"]["annotations"] = {"a": "1"}
    assert (await cluster.apply(manifest))["metadata"]["annotations"] == {"a": "1"}


async def test_create_twice_is_a_conflict(cluster: Cluster) -> None:
    path = paths.collection("apps/v1", "deployments", "default")
    await cluster.create(path, deployment("web"))
    with pytest.raises(Conflict, match="already exists"):
        await cluster.create(path, deployment("web"))


async def test_scale_by_merge_patch(cluster: Cluster) -> None:
    await cluster.apply(deployment("web"))
    path = paths.item("apps/v1", "deployments", "default", "web", "scale")
    assert (await cluster.patch(path, {"spec": {"replicas": 5}}))["spec"]["replicas"] == 5
    row = await cluster.read(paths.item("apps/v1", "deployments", "default", "web"), DeploymentRow)
    assert row is not None and row.spec.replicas == 5
    with pytest.raises(Refusal, match="greater than or equal to 0"):
        await cluster.patch(path, {"spec": {"replicas": -1}})


async def test_pages_have_everything_once(cluster: Cluster, served: Served) -> None:
    for number in range(7):
        run_pod(served.objects, f"p{number}")
    found: list[str] = []
    more: str | None = ""
    while more is not None:
        query = [("limit", "3"), *([("continue", more)] if more else [])]
        page = await cluster.get("/api/v1/pods", query)
        assert page is not None
        found += [item["metadata"]["name"] for item in page["items"]]
        more = page["metadata"].get("continue")
    assert found == [f"p{number}" for number in range(7)]


async def test_selectors(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "a", node="n1", labels={"tier": "front"})
    run_pod(served.objects, "b", node="n2", labels={"tier": "back"})
    by_label = await cluster.list("/api/v1/pods", PodRow, labels="tier in (front, other)")
    by_field = await cluster.list("/api/v1/pods", PodRow, fields="spec.nodeName=n2,status.phase!=Failed")
    assert [row.metadata.name for row in by_label] == ["a"] and [row.metadata.name for row in by_field] == ["b"]
    with pytest.raises(Refusal, match="field label not supported"):
        await cluster.list("/api/v1/pods", PodRow, fields="spec.image=nginx")


async def test_a_watch_tells_everything_and_goes_on(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "a")
    told: list[tuple[str, str]] = []
    async for delta in watch(cluster, "/api/v1/pods", PodRow):
        if isinstance(delta, Synced):
            run_pod(served.objects, "b")
            served.objects.remove("pods", "default", "a")
        elif isinstance(delta, Added | Modified | Deleted):
            told.append((type(delta).__name__, delta.row.metadata.name))
        if told and told[-1] == ("Deleted", "a"):
            break
    assert told == [("Added", "a"), ("Added", "b"), ("Modified", "b"), ("Deleted", "a")]


async def test_a_watch_whose_version_is_forgotten_lists_anew(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "a")
    told: list[str] = []
    async for delta in watch(cluster, "/api/v1/pods", PodRow):
        if isinstance(delta, Synced) and told == ["a"]:
            run_pod(served.objects, "b")
            served.objects.history.compact(served.objects.version)
        elif isinstance(delta, Added):
            told.append(delta.row.metadata.name)
        if told == ["a", "b"]:
            break
    assert told == ["a", "b"]


async def test_an_eviction_is_blocked_by_a_budget(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "a", labels={"app": "x"})
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}}
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "x"}, "spec": spec}
    await cluster.apply(budget)
    with pytest.raises(Blocked, match="The disruption budget x needs 1 healthy pods and has 1 currently"):
        await cluster.evict("default", "a")
    run_pod(served.objects, "b", labels={"app": "x"})
    assert await cluster.evict("default", "a")
    evicted = served.objects.get("pods", "default", "a")
    assert evicted is not None and "deletionTimestamp" in evicted["metadata"]
    assert not await cluster.evict("default", "nobody")


async def test_deletes_mean_one_object(cluster: Cluster, served: Served) -> None:
    made = await cluster.apply(deployment("web"))
    path = paths.item("apps/v1", "deployments", "default", "web")
    with pytest.raises(Conflict, match="the UID in the precondition"):
        await cluster.delete(path, uid="other")
    assert await cluster.delete(path, uid=made["metadata"]["uid"])
    assert not await cluster.delete(path)


async def test_who_may_not_is_told_so(served: Served) -> None:
    async with served.cluster("bob", "people") as bob:
        with pytest.raises(Forbidden, match='User "bob" cannot list resource "pods"'):
            await bob.list("/api/v1/pods", PodRow)
        review = {"spec": {"resourceAttributes": {"verb": "list", "resource": "pods", "namespace": "default"}}}
        answered = await bob.create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
        assert answered["status"]["allowed"] is False


async def test_bindings_give_rights(served: Served, cluster: Cluster) -> None:
    subjects = [{"kind": "Group", "name": "people"}]
    role = {"kind": "ClusterRole", "name": "view", "apiGroup": "rbac.authorization.k8s.io"}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "people", "namespace": "default"},
        "roleRef": role,
        "subjects": subjects,
    }
    async with served.cluster("bob", "people") as bob:
        await cluster.apply(binding)
        assert await bob.list("/api/v1/namespaces/default/pods", PodRow) == []
        with pytest.raises(Forbidden):
            await bob.list("/api/v1/namespaces/kube-system/pods", PodRow)
        with pytest.raises(Forbidden):
            await bob.list("/api/v1/namespaces/default/secrets", PodRow)


async def test_a_service_account_comes_with_its_token(served: Served, cluster: Cluster) -> None:
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    token = (await cluster.create(path, {"spec": {"expirationSeconds": 3600}}))["status"]["token"]
    async with Cluster(served.kubeconfig_of({"token": token}), "sim", timeout=5) as account:
        answered = await account.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
        assert answered["status"]["userInfo"]["username"] == "system:serviceaccount:default:default"
    async with Cluster(served.kubeconfig_of({"token": token[:-4] + "AAAA"}), "sim", timeout=5) as forger:
        with pytest.raises(Trouble, match="Unauthorized"):
            await forger.get("/api")


async def test_nobody_gets_nothing(served: Served) -> None:
    async with Cluster(served.kubeconfig_of({}), "sim", timeout=5) as nobody:
        with pytest.raises(Trouble, match="Unauthorized"):
            await nobody.get("/version")


async def test_services_get_addresses(cluster: Cluster, served: Served) -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}}
    made = await cluster.apply(service)
    assert made["spec"]["clusterIP"].startswith("10.") and made["spec"]["ports"][0]["targetPort"] == 80
    again = await cluster.apply(service | {"spec": {"ports": [{"port": 81}]}})
    assert again["spec"]["clusterIP"] == made["spec"]["clusterIP"]
    assert [port["port"] for port in again["spec"]["ports"]] == [81]
    own = served.objects.get("services", "default", "kubernetes")
    assert own is not None and own["spec"]["clusterIP"] == "10.96.0.1"
    with pytest.raises(Refusal, match="already allocated"):
        await cluster.apply(
            service | {"metadata": {"name": "b"}, "spec": {"clusterIP": "10.96.0.1", "ports": [{"port": 1}]}}
        )


async def test_what_is_wrong_is_told_in_words(cluster: Cluster) -> None:
    wrong = deployment("web")
    wrong["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    wrong["spec"]["template"]["spec"]["containers"] = []
    with pytest.raises(Refusal) as caught:
        await cluster.apply(wrong)
    assert "`selector` does not match template `labels`" in str(caught.value)
    assert "spec.template.spec.containers: Required value" in str(caught.value)
    with pytest.raises(Refusal, match="cannot be handled as a Deployment"):
        await cluster.apply(deployment("web") | {"spec": {"replicas": "many"}})
    with pytest.raises(Refusal, match="a lowercase RFC 1123 subdomain"):
        await cluster.apply(deployment("Web_1"))
