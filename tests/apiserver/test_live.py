"""What `core.kube` reads and changes, against a real API server: its tables, watches, conflicts, patches, reviews."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from core.engine.errors import Refusal
from core.kube import paths, rollout
from core.kube.access import Cluster
from core.kube.describe.describing import describe
from core.kube.discovery import Kinds, discover
from core.kube.kinds import CONFIG_MAP, DEPLOYMENT, POD, SECRET, TYPED, TypedKind, typed_kind
from core.kube.listing import Listing
from core.kube.metrics import usages
from core.kube.objects import read_yaml, replace_yaml
from core.kube.problems import Conflict
from core.kube.relations import owners, used_by
from core.kube.reviews import Reviews
from core.kube.scale import scale
from core.live.objects import ClusterRef, Kind, Right, Target
from core.live.operations import EditConflict, Finished, Replaced
from core.live.tables import TableQuery
from core.operations.live import Live
from core.store.store import Store
from tests.simulator.live.parity import differences
from tests.simulator.live.world import DOCUMENT, OneReach

REAL = ClusterRef("lab", "alpha")
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                },
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
            }
        ],
    },
}


def _target(kind: Kind, name: str) -> Target:
    return Target(REAL, kind, name, "default" if kind.namespaced else "")


def _listing(cluster: Cluster, kind: Kind) -> Listing:
    async def opened(ref: ClusterRef) -> Cluster:
        return cluster

    return Listing(TableQuery((REAL,), kind.id), kind, opened)


async def _until(listing: Listing, done: Callable[[], bool]) -> None:
    async with asyncio.timeout(60), aclosing(listing.changes()) as changes:
        async for _ in changes:
            if done():
                return


async def _eventually(done: Callable[[], Any], seconds: float = 60) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := await done()):
            await asyncio.sleep(0.1)
        return found


def _template(image: str = "nginx:1.29", **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "main", "image": image}], **spec},
    }


async def _deploy(cluster: Cluster, name: str, replicas: int = 2, **spec: Any) -> Target:
    labels = {"app": name}
    template = _template(**spec)
    template["metadata"]["labels"] = labels
    body = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": body,
    }
    await cluster.create(paths.collection("apps/v1", "deployments", "default"), manifest)
    return _target(DEPLOYMENT, name)


@pytest.mark.parametrize("kind", [one.kind for one in TYPED], ids=lambda kind: str(kind.id))
async def test_every_typed_table_reads_what_a_real_server_sends(cluster: Cluster, kind: Kind) -> None:
    listing = _listing(cluster, kind)
    async with listing.running():
        await _until(listing, lambda: listing.sources[0].synced or bool(listing.sources[0].trouble))
        assert not listing.sources[0].trouble
        for row in listing.rows.values():
            assert all(isinstance(column.text(row, 2e9), str) for column in listing.shape.columns)
            listing.shape.health(row)


async def test_every_other_kind_is_listed_and_watched_as_the_servers_table(cluster: Cluster) -> None:
    failed = {}
    for kind in await discover(cluster):
        if typed_kind(kind) is None and kind.id != "widgets.example.org":
            listing = _listing(cluster, kind)
            async with listing.running():
                await _until(listing, lambda one=listing: one.sources[0].synced or bool(one.sources[0].trouble))  # type: ignore[misc]
                if listing.sources[0].trouble:
                    failed[kind.id] = listing.sources[0].trouble
                for row in listing.rows.values():
                    assert [column.text(row, 2e9) for column in listing.shape.columns]
    assert failed == {}


async def test_custom_resources_come_and_go_in_their_own_table(cluster: Cluster) -> None:
    await cluster.apply(CRD)
    kinds = Kinds(cluster)

    async def served() -> Kind | None:
        try:
            return await kinds.find("wd")
        except Refusal:
            return None

    kind: Kind = await _eventually(served)
    assert (kind.kind, kind.version, kind.namespaced) == ("Widget", "example.org/v1", True)
    path = paths.collection(kind.version, kind.resource, "default")
    widget = {"apiVersion": kind.version, "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 3}}
    await cluster.create(path, widget)
    listing = _listing(cluster, kind)
    async with listing.running():
        await _until(listing, lambda: len(listing.rows) == 1 and listing.sources[0].synced)
        row = next(iter(listing.rows.values()))
        assert [column.title for column in listing.shape.columns] == ["NAMESPACE", "NAME", "SIZE", "AGE"]
        await cluster.patch(f"{path}/w", {"spec": {"size": 4}})
        size = listing.shape.columns[2]
        await _until(listing, lambda: size.text(listing.rows[row.key], 0.0) == "4")
        await cluster.delete(f"{path}/w")
        await _until(listing, lambda: not listing.rows)


async def test_watches_go_on_and_tell_each_change_once(cluster: Cluster) -> None:
    web = await _deploy(cluster, "watched", 3)
    listing = _listing(cluster, POD)

    def mine() -> set[str]:
        return {row.key for row in listing.rows.values() if row.labels.get("app") == "watched"}

    async with listing.running():
        await _until(listing, lambda: len(mine()) == 3)
        await scale(cluster, "Deployment", "default", web.name, 1)
        await _until(listing, lambda: len(mine()) == 1)


async def test_an_edit_meets_the_real_servers_conflict(cluster: Cluster) -> None:
    path = paths.collection("v1", "configmaps", "default")
    await cluster.create(path, {"metadata": {"name": "edited"}, "data": {"a": "1", "b": "1"}})
    target = _target(CONFIG_MAP, "edited")
    base = await read_yaml(cluster, target)
    first = await replace_yaml(cluster, target, base, base.replace("a: '1'", "a: mine"))
    assert isinstance(first, Replaced)
    clash = await replace_yaml(cluster, target, base, base.replace("b: '1'", "b: other"))
    assert isinstance(clash, EditConflict)
    assert "modified" in clash.message
    assert clash.merged is not None
    again = await replace_yaml(cluster, target, clash.theirs, clash.merged)
    assert isinstance(again, Replaced)
    assert (await cluster.get(f"{path}/edited") or {})["data"] == {"a": "mine", "b": "other"}
    with pytest.raises(Refusal, match=r"strict|unknown|cannot|invalid|unmarshal"):
        await replace_yaml(cluster, target, again.text, again.text.replace("a: mine", "a: [1]"))
    managed = (await cluster.get(f"{path}/edited") or {})["metadata"]["managedFields"]
    assert {entry["manager"] for entry in managed} == {"gondolier"}


async def test_rollouts_have_revisions_and_go_back(cluster: Cluster) -> None:
    web = await _deploy(cluster, "rolled")

    async def kept(count: int) -> bool:
        return len([one for one in await rollout.revisions(cluster, web) if one.number]) == count

    await _eventually(lambda: kept(1))
    change = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "nginx:1.30"}
    await cluster.patch_json(paths.item("apps/v1", "deployments", "default", "rolled"), [change])
    await _eventually(lambda: kept(2))
    assert [one.images for one in await rollout.revisions(cluster, web)] == ["nginx:1.29", "nginx:1.30"]
    assert (await rollout.undo(cluster, web)).number == 1
    spec = (await cluster.get(paths.item("apps/v1", "deployments", "default", "rolled")) or {})["spec"]
    assert spec["template"]["spec"]["containers"][0]["image"] == "nginx:1.29"
    assert await rollout.hold(cluster, web)
    await rollout.restart(cluster, web)
    assert not await rollout.hold(cluster, web)
    assert (await rollout.status_lines(cluster, web))[0].startswith("rolled: ")


@pytest.mark.parametrize("kind", ["daemonsets", "statefulsets"])
async def test_other_rollouts_go_back_too(cluster: Cluster, kind: str) -> None:
    found = await Kinds(cluster).find(kind)
    extra = {"serviceName": "x"} if kind == "statefulsets" else {}
    body = {"selector": {"matchLabels": {"app": "web"}}, "template": _template(), **extra}
    path = paths.collection("apps/v1", kind, "default")
    await cluster.create(path, {"metadata": {"name": "other"}, "spec": body})
    target = _target(found, "other")

    async def kept(count: int) -> bool:
        return len(await rollout.revisions(cluster, target)) == count

    await _eventually(lambda: kept(1))
    change = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "nginx:1.30"}
    await cluster.patch_json(f"{path}/other", [change])
    await _eventually(lambda: kept(2))
    assert (await rollout.undo(cluster, target)).images == "nginx:1.29"
    spec = (await cluster.get(f"{path}/other") or {})["spec"]
    assert spec["template"]["spec"]["containers"][0]["image"] == "nginx:1.29"


async def test_owners_and_users_are_found(cluster: Cluster) -> None:
    volume = {"name": "v", "configMap": {"name": "used"}}
    web = await _deploy(cluster, "owned", 1, volumes=[volume])
    service = {"metadata": {"name": "front"}, "spec": {"selector": {"app": "owned"}, "ports": [{"port": 80}]}}
    await cluster.create(paths.services("default"), service)

    async def pod() -> Target | None:
        found = (await cluster.get(paths.pods("default"), [("labelSelector", "app=owned")]) or {})["items"]
        return _target(POD, found[0]["metadata"]["name"]) if found else None

    mine: Target = await _eventually(pod)
    assert [one.name for one in (await owners(cluster, mine, Kinds(cluster)))[1:]] == [web.name]
    assert mine.name in {one.name for one in await used_by(cluster, _target(CONFIG_MAP, "used"))}
    assert {"front", "used"} <= {one.name for one in await used_by(cluster, mine)}


async def test_reviews_say_what_a_stranger_may_not(cluster: Cluster, stranger: Cluster) -> None:
    right = Right("delete", "pods", namespace="default")
    assert await Reviews(cluster).answers([right]) == {right: None}
    refused = (await Reviews(stranger).answers([right]))[right]
    assert refused is not None
    assert refused.startswith("you may not delete pods in namespace default")


async def test_a_newer_object_of_the_name_is_not_deleted(cluster: Cluster) -> None:
    path = paths.collection("v1", "configmaps", "default")
    await cluster.create(path, {"metadata": {"name": "newer"}})
    with pytest.raises(Conflict):
        await cluster.delete(f"{path}/newer", uid="00000000-0000-0000-0000-000000000000")
    assert await cluster.delete(f"{path}/newer")
    assert not await cluster.delete(f"{path}/newer")


async def test_a_secrets_values_stay_where_they_are(cluster: Cluster) -> None:
    path = paths.collection("v1", "secrets", "default")
    await cluster.create(path, {"metadata": {"name": "hidden"}, "stringData": {"password": "hunter2"}})
    listing = _listing(cluster, SECRET)
    async with listing.running():
        await _until(listing, lambda: listing.sources[0].synced)
        row = next(row for row in listing.rows.values() if row.name == "hidden")
        cells = {column.title: column.text(row, 2e9) for column in listing.shape.columns}
    assert (cells["TYPE"], cells["DATA"]) == ("Opaque", "1")
    assert "aHVudGVyMg" not in repr(listing.rows)
    assert "password: 7 bytes" in await describe(cluster, _target(SECRET, "hidden"))


async def test_without_metrics_that_is_told(cluster: Cluster) -> None:
    async with aclosing(usages(cluster)) as looks:
        look = await anext(looks)
    assert not look.available
    assert "no metrics server" in look.reason


async def test_every_object_there_is_can_be_described(cluster: Cluster) -> None:
    for kind in await discover(cluster):
        found = await cluster.get(paths.collection(kind.version, kind.resource), [("limit", "2")]) or {}
        for item in found.get("items") or ():
            metadata = item["metadata"]
            target = Target(REAL, kind, metadata["name"], metadata.get("namespace", ""))
            assert metadata["name"] in await describe(cluster, target), kind.id


async def test_operations_go_through_with_their_journal(
    cluster: Cluster, config: dict[str, Any], tmp_path: Path
) -> None:
    await _deploy(cluster, "operated", 1)
    with Store(tmp_path) as store:
        store.environments.create("lab")
        store.drafts.save("lab", DOCUMENT, "somebody")
        live = Live(store, OneReach(Cluster(config, "real")))
        for action, arguments in (
            ("scale", {"replicas": 3}),
            ("scale-down", {}),
            ("set-image", {"container": "main", "image": "nginx:1.30"}),
            ("restart", {}),
            ("hold", {}),
            ("delete", {"grace": 0}),
        ):
            told = [one async for one in live.perform(action, [_target(DEPLOYMENT, "operated")], arguments)]
            assert isinstance(told[-1], Finished)
            assert told[-1].failed == 0, told
        await live.close()


def _several() -> list[dict[str, Any]]:
    """An object of each kind, some with what makes columns differ."""
    ports = [{"name": "a", "port": 80, "nodePort": 30080}, {"name": "b", "port": 53, "protocol": "UDP"}]
    selector = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}
    job = {"template": _template(restartPolicy="Never"), "completions": 3}
    backend = {"service": {"name": "front", "port": {"number": 80}}}
    rules = [{"host": "a.test", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    slices = {"addressType": "IPv4", "endpoints": [{"addresses": [f"10.0.0.{n}"]} for n in range(1, 6)], "ports": []}
    node = {
        "metadata": {"name": "n1", "labels": {"node-role.kubernetes.io/control-plane": ""}},
        "spec": {"unschedulable": True},
    }
    return [
        {"apiVersion": "v1", "kind": "Node", **node},
        {"apiVersion": "v1", "kind": "Service", "spec": {"type": "NodePort", "ports": ports}},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": claim},
        {"apiVersion": "v1", "kind": "ReplicationController", "spec": {"replicas": 1, "template": _template()}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"selector": selector, "template": _template()}},
        {"apiVersion": "apps/v1", "kind": "DaemonSet", "spec": {"selector": selector, "template": _template()}},
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "spec": {"serviceName": "x", "selector": selector, "template": _template()},
        },
        {"apiVersion": "batch/v1", "kind": "Job", "spec": job},
        {"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"schedule": "@daily", "jobTemplate": {"spec": job}}},
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "spec": {"rules": rules, "tls": [{"hosts": ["a.test"]}]},
        },
        {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", **slices},
    ]


async def test_columns_say_what_the_servers_own_table_says(cluster: Cluster) -> None:
    for manifest in _several():
        named = {"name": "several", "namespace": "default"} | manifest.get("metadata", {})
        await cluster.apply(manifest | {"metadata": named})
    for typed in TYPED:

        async def same(typed: TypedKind = typed) -> bool:
            # Controllers go on between the two lists.
            compared, wrong = await differences(cluster, typed)
            return compared > 0 and not wrong

        try:
            await _eventually(same, 10)
        except TimeoutError:
            pytest.fail(f"{typed.kind.id}: {await differences(cluster, typed)}")
