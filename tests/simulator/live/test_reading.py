"""What is read of live objects, against a served, running cluster: descriptions, YAML, relations, tables, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from core.engine.errors import Refusal, Trouble
from core.kube.kinds import CONFIG_MAP, NODE, POD, SECRET, SERVICE, TYPED
from core.live.api import Listing
from core.live.objects import ClusterRef, Kind, Right, Target
from core.live.operations import EditConflict, Replaced
from core.live.tables import TableQuery
from tests.simulator.live.parity import differences
from tests.simulator.live.world import ALPHA, World, metadata

CRD = Kind("CustomResourceDefinition", "customresourcedefinitions", "apiextensions.k8s.io/v1", namespaced=False)


async def _described(alpha: World, kind: Kind, name: str) -> str:
    return await alpha.live.describe(alpha.target(kind, name))


async def test_a_pod_and_its_deployment_are_described_with_their_events(alpha: World) -> None:
    web = await alpha.deploy(replicas=1, container={"env": [{"name": "LEVEL", "value": "info"}]})
    text = await _described(alpha, POD, (await alpha.pods())[0].name)
    for words in (
        "Status:          Running",
        "Ready:           1/1",
        "main:",
        "Image:           nginx:1.29",
        "LEVEL=info",
    ):
        assert words in text
    assert "Owned by:        ReplicaSet web-" in text
    assert "Scheduled" in text
    text = await alpha.live.describe(web)
    assert "web: complete, 1 of 1 replicas are ready" in text
    assert "Selector:        app=web" in text
    assert "ScalingReplicaSet" in text


async def test_a_node_and_a_namespace_are_described(alpha: World) -> None:
    text = await _described(alpha, NODE, "kube-1")
    assert "Status:          Ready" in text
    assert "10.0.0.1 (InternalIP)" in text
    assert "Capacity" in text
    text = await _described(alpha, next(one.kind for one in TYPED if one.kind.kind == "Namespace"), "default")
    assert "Status:          Active" in text


@pytest.mark.parametrize(
    ("resource", "made", "words"),
    [
        ("services", {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}}, "80/TCP → 8080"),
        ("configmaps", {"data": {"key": "some\nlines"}}, "some"),
        ("secrets", {"data": {"key": "aGk="}, "type": "Opaque"}, "key: 2 bytes"),
        ("cronjobs.batch", {"spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": {
            "restartPolicy": "Never", "containers": [{"name": "main", "image": "x"}]}}}}}}, "@daily"),
        ("persistentvolumeclaims", {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {
            "requests": {"storage": "1Gi"}}}}, "Wanted:          1Gi"),
        ("ingresses.networking.k8s.io", {"spec": {"rules": [{"host": "a.test", "http": {"paths": [{
            "path": "/", "pathType": "Prefix",
            "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}}, "a.test"),
        ("serviceaccounts", {}, "Kind:            ServiceAccount (v1)"),
    ],
)  # fmt: skip
async def test_every_kind_has_something_to_say(
    alpha: World, resource: str, made: dict[str, object], words: str
) -> None:
    alpha.running.objects.create(resource, {"metadata": metadata("thing"), **made})
    kinds = {kind.id: kind for kind in await alpha.live.kinds(ALPHA)}
    assert words in await _described(alpha, kinds[resource], "thing")


async def test_what_is_gone_is_told(alpha: World) -> None:
    with pytest.raises(Trouble, match="there is no Pod default/gone any more"):
        await _described(alpha, POD, "gone")


async def test_an_edit_goes_back_and_shows_what_became_of_it(alpha: World) -> None:
    alpha.running.objects.create("configmaps", {"metadata": metadata("c"), "data": {"a": "1"}})
    target = alpha.target(CONFIG_MAP, "c")
    base = await alpha.live.yaml(target)
    assert "managedFields" not in base
    answer = await alpha.live.replace(target, base, base.replace("a: '1'", "a: '2'"))
    assert isinstance(answer, Replaced)
    assert alpha.get("configmaps", "c")["data"] == {"a": "2"}
    for wrong, reason in (
        (base, "nothing was changed"),
        (base.replace("name: c", "name: d"), "metadata.name was c and is d"),
        (base + "\n  : [", "this is not YAML"),
        ("just words", "no Kubernetes object"),
    ):
        with pytest.raises(Refusal, match=reason):
            await alpha.live.replace(target, base, wrong)


async def test_an_edit_of_what_someone_else_changed_shows_both_sides(alpha: World) -> None:
    alpha.running.objects.create("configmaps", {"metadata": metadata("c"), "data": {"a": "1", "b": "1"}})
    target = alpha.target(CONFIG_MAP, "c")
    base = await alpha.live.yaml(target)
    alpha.running.change("configmaps", "c", lambda thing: thing["data"].update(b="theirs"))
    answer = await alpha.live.replace(target, base, base.replace("a: '1'", "a: mine"))
    assert isinstance(answer, EditConflict)
    assert "b: theirs" in answer.theirs
    assert "a: mine" in answer.mine
    assert answer.merged is not None
    again = await alpha.live.replace(target, answer.theirs, answer.merged)
    assert isinstance(again, Replaced)
    assert alpha.get("configmaps", "c")["data"] == {"a": "mine", "b": "theirs"}
    alpha.running.change("configmaps", "c", lambda thing: thing["data"].update(a="other"))
    clash = await alpha.live.replace(target, again.text, again.text.replace("a: mine", "a: again"))
    assert isinstance(clash, EditConflict)
    assert clash.merged is None


async def test_owners_lead_up_and_users_are_found(alpha: World) -> None:
    volume = {"name": "v", "configMap": {"name": "c"}}
    variable = {"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    alpha.running.objects.create("configmaps", {"metadata": metadata("c")})
    alpha.running.objects.create("secrets", {"metadata": metadata("s"), "data": {"k": "aGk="}})
    web = await alpha.deploy(replicas=1, container={"env": [variable]}, volumes=[volume])
    service = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    alpha.running.objects.create("services", {"metadata": metadata("front"), "spec": service})
    pod = (await alpha.pods())[0]
    assert [owner.kind.kind for owner in await alpha.live.owners(pod)] == ["ReplicaSet", "Deployment"]
    node = alpha.get("pods", pod.name)["spec"]["nodeName"]
    for kind, name in ((CONFIG_MAP, "c"), (SECRET, "s"), (SERVICE, "front"), (NODE, node)):
        assert pod.name in _names(await alpha.live.used_by(alpha.target(kind, name)), "Pod"), name
    assert {"front", "c", "s", node} <= _names(await alpha.live.used_by(pod))
    assert _names(await alpha.live.used_by(web)) == {one["metadata"]["name"] for one in _sets(alpha)}


def _sets(alpha: World) -> list[dict[str, dict[str, str]]]:
    return alpha.running.objects.list("replicasets.apps", "default")


def _names(targets: object, kind: str = "") -> set[str]:
    assert isinstance(targets, list)
    return {target.name for target in targets if isinstance(target, Target) and kind in ("", target.kind.kind)}


async def _until(listing: Listing, done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10), aclosing(listing.changes()) as changes:  # type: ignore[type-var]
        async for _ in changes:
            if done():
                return


@pytest.mark.parametrize("kind", [one.kind.id for one in TYPED])
async def test_every_typed_table_is_made_of_what_a_server_sends(alpha: World, kind: str) -> None:
    await alpha.deploy(replicas=1)
    alpha.running.objects.create(
        "services", {"metadata": metadata("web"), "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}}
    )
    async with alpha.live.listing(TableQuery((ALPHA,), kind)) as listing:
        await _until(listing, lambda: listing.sources[0].synced)
        for row in listing.rows.values():
            assert all(isinstance(column.text(row, 2e9), str) for column in listing.shape.columns)
            assert all(isinstance(column.sort(row), tuple) for column in listing.shape.columns)
            listing.shape.health(row)
        if kind in ("pods", "nodes", "deployments.apps", "replicasets.apps", "services", "events"):
            assert listing.rows


async def test_any_other_kind_is_the_servers_table(alpha: World) -> None:
    alpha.running.objects.create("configmaps", {"metadata": metadata("c"), "data": {"a": "1", "b": "2"}})
    async with alpha.live.listing(TableQuery((ALPHA,), "cm", namespaces=("default",))) as listing:
        await _until(listing, lambda: listing.sources[0].synced)
        titles = [column.title for column in listing.shape.columns]
        row = next(row for row in listing.rows.values() if row.name == "c")
        cells = dict(zip(titles, (column.text(row, 2e9) for column in listing.shape.columns), strict=True))
        assert (cells["NAME"], cells["DATA"]) == ("c", "2")
        alpha.running.change("configmaps", "c", lambda thing: thing["data"].pop("a"))
        data = next(column for column in listing.shape.columns if column.title == "DATA")
        await _until(listing, lambda: data.text(listing.rows[row.key], 2e9) == "1")


async def test_an_unknown_kind_and_an_unknown_cluster_are_refused(alpha: World) -> None:
    with pytest.raises(Refusal, match="no kind gadgets"):
        async with alpha.live.listing(TableQuery((ALPHA,), "gadgets")):
            pass
    async with alpha.live.listing(TableQuery((ClusterRef("lab", "beta"),), "pods")) as listing:
        await _until(listing, lambda: bool(listing.sources[0].trouble))
        assert "there is no cluster beta" in listing.sources[0].trouble


async def test_rights_are_asked_once_and_kept(alpha: World) -> None:
    wanted = [(ALPHA, Right("delete", "pods", namespace="default")), (ALPHA, Right("list", "nodes"))]
    rights = await alpha.live.rights(wanted)
    assert dict(rights.answers) == dict.fromkeys(wanted)
    other = await alpha.live.rights([(ClusterRef("lab", "beta"), Right("list", "nodes"))])
    assert dict(other.answers) == {}


async def test_names_of_namespaces_and_clusters(alpha: World) -> None:
    assert {"default", "kube-system"} <= set(await alpha.live.namespaces(ALPHA))
    assert list(await alpha.live.clusters()) == [ALPHA]


async def test_usage_is_told_or_why_there_is_none(alpha: World) -> None:
    await alpha.deploy(replicas=1)
    async with aclosing(alpha.live.usage(ALPHA)) as looks:
        look = await anext(looks)
    assert look.available or look.reason
    if look.available:
        assert {"kube-1", "kube-2", "kube-3"} <= look.nodes.keys()


async def test_columns_of_what_runs_say_what_the_servers_own_table_says(alpha: World) -> None:
    await alpha.deploy(replicas=2)
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]}
    alpha.running.objects.create("services", {"metadata": metadata("web"), "spec": spec})
    for typed in TYPED:
        assert (await differences(alpha.cluster, typed))[1] == [], typed.kind.id
