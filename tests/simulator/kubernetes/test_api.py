"""The API itself: discovery, watches in all forms, subresources, deletion, custom kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from core.engine.errors import Refusal, Trouble
from core.kube.access import Cluster
from core.kube.kubeconfig import open_client
from core.kube.problems import Conflict, Forbidden
from tests.simulator.kubernetes.kubelets import run_pod
from tests.simulator.kubernetes.serving import Served, serving
from tests.simulator.kubernetes.test_product_client import deployment

Object = dict[str, Any]

PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENT = "/apis/apps/v1/namespaces/default/deployments/web"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


async def lines(cluster: Cluster, path: str, **query: str) -> list[Object]:
    """Everything that a watch of at most a second sends."""
    asked = [("watch", "true"), ("timeoutSeconds", "1"), *query.items()]
    async with cluster.stream(path, asked) as response:
        return [json.loads(line) async for line in response.content]


async def test_a_watch_without_a_version_begins_with_what_is_there(cluster: Cluster, served: Served) -> None:
    run_pod(served.objects, "a")
    told = await lines(cluster, PODS, sendInitialEvents="true", allowWatchBookmarks="true")
    assert [each["type"] for each in told] == ["ADDED", "BOOKMARK", "BOOKMARK"]
    assert told[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert told[2]["object"]["metadata"]["resourceVersion"] == str(served.objects.version)


async def test_bookmarks_come_while_nothing_happens(tmp_path: Path) -> None:
    async with serving(tmp_path, bookmarks=0.05) as served, served.cluster() as cluster:
        version = str(served.objects.version)
        told = await lines(cluster, PODS, resourceVersion=version, allowWatchBookmarks="true")
        assert len(told) > 3 and {each["type"] for each in told} == {"BOOKMARK"}


async def test_versions_that_are_too_old_or_too_new(cluster: Cluster, served: Served) -> None:
    served.objects.history.compact(served.objects.version)
    [told] = await lines(cluster, PODS, resourceVersion="3")
    assert told["type"] == "ERROR" and told["object"]["code"] == 410 and told["object"]["reason"] == "Expired"
    with pytest.raises(Trouble, match="Too large resource version"):
        await lines(cluster, PODS, resourceVersion=str(served.objects.version + 5))
    with pytest.raises(Refusal, match="invalid syntax"):
        await lines(cluster, PODS, resourceVersion="new")


async def test_tables_in_lists_and_watches(served: Served) -> None:
    run_pod(served.objects, "a")
    client = await open_client(served.kubeconfig(), "sim")
    http: ClientSession = client.rest_client.pool_manager
    async with http.get(f"{served.url}{PODS}", headers={"Accept": TABLE}) as response:
        listed = await response.json()
    assert listed["kind"] == "Table" and listed["rows"][0]["cells"][:3] == ["a", "1/1", "Running"]
    query = {"watch": "1", "timeoutSeconds": "1"}
    async with http.get(f"{served.url}{PODS}", headers={"Accept": TABLE}, params=query) as response:
        told = [json.loads(line) async for line in response.content]
    assert told[0]["type"] == "ADDED" and told[0]["object"]["rows"][0]["cells"][0] == "a"
    partial = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    async with http.get(f"{served.url}{PODS}", headers={"Accept": partial}) as response:
        found = await response.json()
    assert found["kind"] == "PartialObjectMetadataList" and "spec" not in found["items"][0]
    async with http.get(f"{served.url}{PODS}", headers={"Accept": "text/html"}) as response:
        assert response.status == 406
    await client.close()


async def test_discovery_names_everything(cluster: Cluster) -> None:
    groups = await cluster.get("/apis")
    assert groups is not None
    for group in groups["groups"]:
        found = await cluster.get(f"/apis/{group['preferredVersion']['groupVersion']}")
        assert found is not None and found["resources"]
    core = await cluster.get("/api/v1")
    assert core is not None
    names = {each["name"]: each for each in core["resources"]}
    assert names["pods/eviction"]["group"] == "policy" and names["pods"]["shortNames"] == ["po"]
    assert await cluster.get("/apis/nothing.io/v1") is None
    document, third = await cluster.get("/openapi/v2"), await cluster.get("/openapi/v3")
    assert document is not None and document["swagger"] == "2.0"
    assert third is not None and "apis/apps/v1" in third["paths"]


async def test_a_write_to_the_status_changes_it_alone(cluster: Cluster, served: Served) -> None:
    await cluster.apply(deployment("web"))
    body = {"status": {"replicas": 2}, "spec": {"replicas": 9}}
    changed = await cluster.patch(f"{DEPLOYMENT}/status", body)
    assert changed["status"] == {"replicas": 2} and changed["spec"]["replicas"] == 2
    assert changed["metadata"]["generation"] == 1
    ignored = await cluster.patch(DEPLOYMENT, {"status": {"replicas": 7}})
    assert ignored["status"] == {"replicas": 2}


async def test_a_patch_may_name_the_version_it_is_about(cluster: Cluster) -> None:
    made = await cluster.apply(deployment("web"))
    version = made["metadata"]["resourceVersion"]
    await cluster.patch(DEPLOYMENT, {"metadata": {"resourceVersion": version}, "spec": {"replicas": 3}})
    with pytest.raises(Conflict, match="has been modified"):
        await cluster.patch(DEPLOYMENT, {"metadata": {"resourceVersion": version}, "spec": {"replicas": 4}})


async def test_binding_puts_a_pod_on_a_node_once(cluster: Cluster, served: Served) -> None:
    spec = {"containers": [{"name": "main", "image": "nginx:1.29"}]}
    await cluster.create(PODS, {"metadata": {"name": "a"}, "spec": spec})
    binding = {"target": {"kind": "Node", "name": "n1"}}
    await cluster.create(f"{PODS}/a/binding", binding)
    bound = served.objects.get("pods", "default", "a")
    assert bound is not None and bound["spec"]["nodeName"] == "n1"
    assert bound["status"]["conditions"][0]["type"] == "PodScheduled"
    with pytest.raises(Conflict, match="already assigned"):
        await cluster.create(f"{PODS}/a/binding", binding)


async def test_deletions_orphan_or_wait_for_what_is_owned(cluster: Cluster, served: Served) -> None:
    for name in ("a", "b"):
        made = await cluster.apply(deployment(name))
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": made["metadata"]["uid"]}
        pod = run_pod(served.objects, name)
        served.objects.update("pods", pod | {"metadata": pod["metadata"] | {"ownerReferences": [owner]}})
    path = "/apis/apps/v1/namespaces/default/deployments"
    await cluster.delete(f"{path}/a", propagation="Orphan")
    orphan = served.objects.get("pods", "default", "a")
    assert orphan is not None and "ownerReferences" not in orphan["metadata"]
    await cluster.delete(f"{path}/b", propagation="Foreground")
    held = served.objects.get("deployments.apps", "default", "b")
    assert held is not None and held["metadata"]["finalizers"] == ["foregroundDeletion"]
    assert "deletionTimestamp" in held["metadata"]


async def test_a_namespace_that_goes_takes_nothing_in(cluster: Cluster) -> None:
    await cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}})
    await cluster.delete("/api/v1/namespaces/n")
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}}
    with pytest.raises(Forbidden, match="because it is being terminated"):
        await cluster.apply(config)
    with pytest.raises(Trouble, match='namespaces "none" not found'):
        await cluster.create("/api/v1/namespaces/none/configmaps", {"metadata": {"name": "c"}})
    with pytest.raises(Forbidden, match="may not be deleted"):
        await cluster.delete("/api/v1/namespaces/kube-system")


async def test_custom_kinds_are_served_while_they_are_defined(cluster: Cluster) -> None:
    names = {"plural": "boats", "kind": "Boat"}
    version = {"name": "v1", "served": True, "storage": True, "subresources": {"status": {}}}
    spec = {"group": "x.io", "scope": "Namespaced", "names": names, "versions": [version]}
    head = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    made = await cluster.apply(head | {"metadata": {"name": "boats.x.io"}, "spec": spec})
    assert {each["type"] for each in made["status"]["conditions"]} == {"Established", "NamesAccepted"}
    boat = {"apiVersion": "x.io/v1", "kind": "Boat", "metadata": {"name": "a"}, "spec": {"crew": 5}}
    assert (await cluster.apply(boat))["metadata"]["generation"] == 1
    changed = await cluster.patch("/apis/x.io/v1/namespaces/default/boats/a/status", {"status": {"afloat": True}})
    assert changed["status"] == {"afloat": True} and changed["spec"] == {"crew": 5}
    await cluster.delete("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.x.io")
    assert await cluster.get("/apis/x.io/v1/namespaces/default/boats/a") is None


async def test_nodes_keep_to_themselves(served: Served) -> None:
    for name in ("n1", "n2"):
        served.objects.create("nodes", {"metadata": {"name": name}})
    async with served.cluster("system:node:n1", "system:nodes") as node:
        await node.patch("/api/v1/nodes/n1/status", {"status": {"phase": "x"}})
        with pytest.raises(Forbidden):
            await node.patch("/api/v1/nodes/n2/status", {"status": {"phase": "x"}})
        with pytest.raises(Forbidden):
            await node.delete("/apis/apps/v1/namespaces/default/deployments/web")


async def test_reviews_and_rules(served: Served, cluster: Cluster) -> None:
    path = "/apis/authorization.k8s.io/v1"
    attributes = {"verb": "list", "resource": "nodes"}
    asked = {"spec": {"user": "system:kube-scheduler", "resourceAttributes": attributes}}
    assert (await cluster.create(f"{path}/subjectaccessreviews", asked))["status"]["allowed"] is True
    asked["spec"]["user"] = "bob"
    assert (await cluster.create(f"{path}/subjectaccessreviews", asked))["status"]["allowed"] is False
    rules = await cluster.create(f"{path}/selfsubjectrulesreviews", {"spec": {"namespace": "default"}})
    assert {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]} in rules["status"]["resourceRules"]
    with pytest.raises(Refusal, match="parts of another type"):
        await cluster.create(f"{path}/selfsubjectaccessreviews", {"spec": {"resourceAttributes": 5}})


async def test_methods_and_paths_that_there_are_not(cluster: Cluster, served: Served) -> None:
    assert await cluster.get("/api/v1/unknown") is None
    assert await cluster.get("/apis/apps/v2/deployments") is None
    with pytest.raises(Refusal, match="does not allow this method"):
        await cluster.create("/api/v1/nodes/n1", {})
    with pytest.raises(Refusal, match="does not match the name on the URL"):
        await cluster.apply(deployment("web"))
        await cluster.patch(DEPLOYMENT, {"metadata": {"name": "other"}})
