"""Watches: what is there, what changes, and what happens when the connection does not hold."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from core.kube.access import Cluster
from core.kube.rows import PodRow
from core.kube.watch import Added, Deleted, Delta, Lost, Modified, watch
from tests.unit.kube.fake_api import FakeApi, Fault
from tests.unit.kube.samples import PODS, pod


@pytest.fixture
async def deltas(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncIterator[Delta[PodRow]]]:
    monkeypatch.setattr("core.kube.watch._FIRST_PAUSE", 0.001)
    found = watch(cluster, PODS, PodRow)
    yield found
    assert isinstance(found, AsyncGenerator)
    await found.aclose()


async def _next(deltas: AsyncIterator[Delta[PodRow]], count: int) -> list[str]:
    return [_word(await anext(deltas)) for _ in range(count)]


def _word(delta: Delta[PodRow]) -> str:
    word = type(delta).__name__.lower()
    return f"{word} {delta.row.metadata.name}" if isinstance(delta, Added | Modified | Deleted) else word


async def test_first_comes_what_is_there_then_what_changes(api: FakeApi, deltas: AsyncIterator[Delta[PodRow]]) -> None:
    api.put(f"{PODS}/a", pod("a"))
    assert await _next(deltas, 2) == ["added a", "synced"]
    api.put(f"{PODS}/b", pod("b"))
    api.put(f"{PODS}/a", pod("a", phase="Failed"))
    api.remove(f"{PODS}/b")
    assert await _next(deltas, 3) == ["added b", "modified a", "deleted b"]


async def test_a_cut_connection_loses_and_doubles_nothing(api: FakeApi, deltas: AsyncIterator[Delta[PodRow]]) -> None:
    api.put(f"{PODS}/a", pod("a"))
    assert await _next(deltas, 2) == ["added a", "synced"]
    api.put(f"{PODS}/b", pod("b"))
    assert await _next(deltas, 1) == ["added b"]
    api.cut()
    api.put(f"{PODS}/c", pod("c"))
    assert await _next(deltas, 1) == ["added c"]
    assert len(api.asked("GET", "limit=")) == 1, "the collection was listed again"


async def test_after_a_compacted_history_only_differences_are_told(
    api: FakeApi, deltas: AsyncIterator[Delta[PodRow]]
) -> None:
    for name in "abc":
        api.put(f"{PODS}/{name}", pod(name))
    assert await _next(deltas, 4) == ["added a", "added b", "added c", "synced"]
    api.put(f"{PODS}/x", pod("x"))
    assert await _next(deltas, 1) == ["added x"]
    api.cut()
    api.remove(f"{PODS}/a")
    api.put(f"{PODS}/b", pod("b", phase="Failed"))
    api.put(f"{PODS}/d", pod("d"))
    api.version += 1
    api.compact()
    assert sorted(await _next(deltas, 3)) == ["added d", "deleted a", "modified b"]
    assert await _next(deltas, 1) == ["synced"]


async def test_a_server_in_trouble_is_told_as_lost_and_then_synced(
    api: FakeApi, deltas: AsyncIterator[Delta[PodRow]]
) -> None:
    api.put(f"{PODS}/a", pod("a"))
    assert await _next(deltas, 2) == ["added a", "synced"]
    api.put(f"{PODS}/b", pod("b"))
    assert await _next(deltas, 1) == ["added b"]
    api.faults.append(Fault("GET", "/pods", 503, {"message": "etcd has no leader"}, times=2))
    api.cut()
    lost = [await anext(deltas), await anext(deltas)]
    assert all(isinstance(delta, Lost) and "etcd has no leader" in delta.reason for delta in lost)
    assert await _next(deltas, 1) == ["synced"]
    api.put(f"{PODS}/c", pod("c"))
    assert await _next(deltas, 1) == ["added c"]


async def test_missing_rights_are_told_and_not_raised(api: FakeApi, deltas: AsyncIterator[Delta[PodRow]]) -> None:
    api.faults.append(Fault("GET", "/pods", 403, {"message": "bob may not list pods"}))
    first = await anext(deltas)
    assert isinstance(first, Lost)
    assert "bob may not list pods" in first.reason
    assert await _next(deltas, 1) == ["synced"]


async def test_the_servers_wish_for_a_pause_is_kept(api: FakeApi, deltas: AsyncIterator[Delta[PodRow]]) -> None:
    api.faults.append(Fault("GET", "/pods", 429, {"message": "slow down"}, {"Retry-After": "3"}))
    first = await anext(deltas)
    assert isinstance(first, Lost)
    assert first.retry == 3
