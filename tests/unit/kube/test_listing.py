"""Tables of live objects: merged from clusters and namespaces, current, and honest about what is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import pytest

from core.engine.errors import Refusal, Unreachable
from core.kube.access import Cluster
from core.kube.discovery import Kinds, discover
from core.kube.kinds import POD, SECRET, known_kind
from core.kube.listing import Listing
from core.live.objects import ClusterRef, Kind
from core.live.tables import TableChanged, TableQuery
from tests.unit.kube.fake_api import FakeApi, Fault
from tests.unit.kube.samples import PODS, pod, running

ALPHA, BETA = ClusterRef("lab", "alpha"), ClusterRef("lab", "beta")
WIDGET = Kind("Widget", "widgets", "example.org/v1")
WIDGETS = "/apis/example.org/v1/namespaces/default/widgets"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.kube.listing.FLUSH_SECONDS", 0.001)
    monkeypatch.setattr("core.kube.watch._FIRST_PAUSE", 0.001)


def _listing(cluster: Cluster, kind: Kind = POD, *refs: ClusterRef, **wanted: object) -> Listing:
    async def opened(ref: ClusterRef) -> Cluster:
        return cluster

    return Listing(TableQuery(refs or (ALPHA,), kind.id, **wanted), kind, opened)  # type: ignore[arg-type]


async def _until(changes: AsyncIterator[TableChanged], done: Callable[[], bool]) -> list[TableChanged]:
    """The batches up to the one after which it is so."""
    found = []
    async with asyncio.timeout(10):
        async for batch in changes:
            found.append(batch)
            if done():
                break
    return found


def _names(listing: Listing) -> set[str]:
    return {row.name for row in listing.rows.values()}


async def test_rows_come_first_and_then_what_changes(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/a", pod("a"))
    listing = _listing(cluster)
    async with listing.running(), aclosing(listing.changes()) as changes:
        await _until(changes, lambda: listing.sources[0].synced)
        assert _names(listing) == {"a"}
        api.put(f"{PODS}/b", pod("b"))
        await _until(changes, lambda: "b" in _names(listing))
        key = next(row.key for row in listing.rows.values() if row.name == "a")
        api.remove(f"{PODS}/a")
        told = await _until(changes, lambda: _names(listing) == {"b"})
    assert told[-1].gone == (key,)


async def test_many_changes_of_one_object_are_told_once(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/a", pod("a"))
    listing = _listing(cluster)
    async with listing.running(), aclosing(listing.changes()) as changes:
        await _until(changes, lambda: listing.sources[0].synced)
        for restarts in range(5):
            api.put(f"{PODS}/a", pod("a", **running("containerd://a", restarts)))

        def last() -> bool:
            row = next(iter(listing.rows.values()))
            return bool(row.row.status.container_statuses[0].restart_count == 4)

        told = await _until(changes, last)
    assert all(len(batch.rows) <= 1 for batch in told)


async def test_several_namespaces_and_clusters_are_one_table(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/a", pod("a"))
    api.put("/api/v1/namespaces/other/pods/b", pod("b") | {"metadata": {"name": "b", "namespace": "other"}})
    api.put("/api/v1/namespaces/third/pods/c", pod("c") | {"metadata": {"name": "c", "namespace": "third"}})
    listing = _listing(cluster, POD, ALPHA, BETA, namespaces=("default", "other"))
    async with listing.running(), aclosing(listing.changes()) as changes:
        await _until(changes, lambda: all(source.synced for source in listing.sources))
        found = {(str(row.cluster), row.namespace, row.name) for row in listing.rows.values()}
    assert found == {
        (ref, ns, name) for ref in ("lab/alpha", "lab/beta") for ns, name in (("default", "a"), ("other", "b"))
    }


async def test_a_lost_source_is_stale_with_its_age_and_back_on_demand(
    api: FakeApi, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.kube.watch._FIRST_PAUSE", 60.0)
    api.put(f"{PODS}/a", pod("a"))
    api.faults.append(Fault("GET", "limit=", 503, {"message": "down"}))
    listing = _listing(cluster)
    async with listing.running(), aclosing(listing.changes()) as changes:
        await _until(changes, lambda: bool(listing.sources[0].trouble))
        lost = listing.sources[0]
        assert "down" in lost.trouble
        assert lost.since is not None
        assert lost.retry is not None
        assert lost.retry > lost.since
        listing.retry()
        await _until(changes, lambda: listing.sources[0].synced)
        assert listing.sources[0].since is None
        assert _names(listing) == {"a"}


async def test_a_cluster_that_cannot_be_opened_holds_no_other_one_back(api: FakeApi, cluster: Cluster) -> None:
    async def opened(ref: ClusterRef) -> Cluster:
        if ref == BETA:
            raise Unreachable("no answer", where="beta")
        return cluster

    api.put(f"{PODS}/a", pod("a"))
    listing = Listing(TableQuery((ALPHA, BETA), "pods"), POD, opened)
    async with listing.running(), aclosing(listing.changes()) as changes:
        await _until(changes, lambda: listing.sources[0].synced and bool(listing.sources[1].trouble))
    assert _names(listing) == {"a"}


async def test_what_a_new_way_to_the_cluster_does_not_tell_is_gone(api: FakeApi, cluster: Cluster) -> None:
    other = Cluster(cluster._kubeconfig, "alpha", timeout=5)
    ways = [cluster]

    async def opened(ref: ClusterRef) -> Cluster:
        return ways[-1]

    for name in "ab":
        api.put(f"{PODS}/{name}", pod(name))
    listing = Listing(TableQuery((ALPHA,), "pods"), POD, opened)
    async with other, listing.running(), aclosing(listing.changes()) as changes:
        await _until(changes, lambda: listing.sources[0].synced)
        ways.append(other)
        api.remove(f"{PODS}/a")
        api.compact()
        api.faults.append(Fault("GET", "watch=true", 503, times=3))
        api.faults.append(Fault("GET", "limit=", 503, times=1))
        api.cut()
        await _until(changes, lambda: _names(listing) == {"b"} and listing.sources[0].since is None)


async def test_other_kinds_are_the_servers_own_tables(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{WIDGETS}/w", {"kind": "Widget", "metadata": {"name": "w"}, "status": {"phase": "Pending"}})
    listing = _listing(cluster, WIDGET)
    async with listing.running(), aclosing(listing.changes()) as changes:
        told = await _until(changes, lambda: listing.sources[0].synced)
        row = next(iter(listing.rows.values()))
        assert told[-1].reshaped
        assert [column.title for column in listing.shape.columns] == ["NAMESPACE", "NAME", "STATUS", "DATA", "AGE"]
        assert [column.text(row, 0.0) for column in listing.shape.columns] == ["default", "w", "Pending", "0", "0s"]
        assert listing.shape.health(row) == "busy"
        api.put(f"{WIDGETS}/w", {"kind": "Widget", "metadata": {"name": "w"}, "status": {"phase": "Ready"}})
        await _until(changes, lambda: listing.rows[row.key].row.cells[1] == "Ready")


async def test_a_secrets_values_never_reach_a_row(api: FakeApi, cluster: Cluster) -> None:
    kept = {"kubectl.kubernetes.io/last-applied-configuration": "aHVudGVyMg=="}
    secret = {"metadata": {"name": "s", "annotations": kept}, "data": {"password": "aHVudGVyMg=="}}
    api.put("/api/v1/namespaces/default/secrets/s", secret)
    listing = _listing(cluster, SECRET)
    async with listing.running(), aclosing(listing.changes()) as changes:
        await _until(changes, lambda: listing.sources[0].synced)
    assert "aHVudGVyMg" not in repr(listing.rows)
    assert "1" in {column.text(row, 0.0) for row in listing.rows.values() for column in listing.shape.columns}


async def test_every_kind_is_discovered_and_a_group_that_is_away_is_left_out(api: FakeApi, cluster: Cluster) -> None:
    api.away.add("apis/batch/v1")
    found = {kind.id for kind in await discover(cluster)}
    assert {"pods", "deployments.apps", "widgets.example.org"} <= found
    assert "jobs.batch" not in found


async def test_a_kind_is_found_by_any_of_its_names(cluster: Cluster) -> None:
    kinds = Kinds(cluster)
    assert (await kinds.find("po")) == POD
    assert (await kinds.find("widget")).id == "widgets.example.org"
    with pytest.raises(Refusal, match="no kind gadgets"):
        await kinds.find("gadgets")


def test_known_kinds_need_no_server() -> None:
    assert {name: known_kind(name) for name in ("pods", "Pod", "po")} == dict.fromkeys(("pods", "Pod", "po"), POD)
    assert known_kind("widgets") is None
