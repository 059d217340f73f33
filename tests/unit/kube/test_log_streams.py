"""Logs of many at once: merged by time, back after cuts, bounded where nobody reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import pytest

from core.engine.errors import Trouble
from core.kube.access import Cluster
from core.kube.log_streams import Group, Wanted, followed, recorded
from core.live.logs import LogRecord
from core.live.objects import ClusterRef
from tests.unit.kube.fake_api import FakeApi, LogFile
from tests.unit.kube.samples import PODS, pod, running, stamped

ALPHA, BETA = ClusterRef("lab", "alpha"), ClusterRef("lab", "beta")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.kube.log_streams.FLUSH_SECONDS", 0.001)
    monkeypatch.setattr("core.kube.log_follow._FIRST_PAUSE", 0.001)
    monkeypatch.setattr("core.kube.watch._FIRST_PAUSE", 0.001)


async def _until(stream: AsyncGenerator[Sequence[LogRecord], None], last: str) -> list[LogRecord]:
    found: list[LogRecord] = []
    async with asyncio.timeout(10):
        async for batch in stream:
            found += batch
            if any(record.text == last for record in batch):
                break
    return found


def _texts(records: Sequence[LogRecord]) -> list[str]:
    return [record.text for record in records if record.kind == "line"]


async def test_what_is_there_comes_by_time_over_pods_and_clusters(api: FakeApi, cluster: Cluster) -> None:
    for name in ("a", "b"):
        api.put(f"{PODS}/{name}", pod(name))
    await api.write("a", "site", stamped(1, "one"), stamped(4, "four"))
    await api.write("b", "site", stamped(2, "two"), stamped(3, "three"))
    groups = [Group(ALPHA, cluster, "default", "a"), Group(BETA, cluster, "default", "b")]
    async with aclosing(followed(groups, Wanted())) as stream:
        found = await _until(stream, "four")
    assert _texts(found) == ["one", "two", "three", "four"]
    assert [str(record.source.cluster) for record in found] == ["lab/alpha", "lab/beta", "lab/beta", "lab/alpha"]
    assert found[1].source is found[2].source


async def test_what_comes_is_told_by_time_and_a_cut_loses_and_doubles_nothing(api: FakeApi, cluster: Cluster) -> None:
    for name in ("a", "b"):
        api.put(f"{PODS}/{name}", pod(name))
        await api.write(name, "site", stamped(1, f"first of {name}"))
    async with aclosing(followed([Group(ALPHA, cluster, "default", labels="id=web")], Wanted())) as stream:
        found = await _until(stream, "first of b")
        await api.streaming(3)
        # Twice the same line in the same nanosecond are two lines.
        await api.write("a", "site", stamped(2, "twin"), stamped(2, "twin"))
        found += await _until(stream, "twin")
        api.cut()
        await api.write("b", "site", stamped(3, "last"))
        found += await _until(stream, "last")
    assert sorted(_texts(found)) == ["first of a", "first of b", "last", "twin", "twin"]


async def test_a_restart_is_a_record_between_the_lines(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/a", pod("a"))
    await api.write("a", "site", stamped(1, "before"))
    async with aclosing(followed([Group(ALPHA, cluster, "default", "a")], Wanted())) as stream:
        found = await _until(stream, "before")
        await api.streaming(2)
        api.previous["a", "site"] = api.logs["a", "site"]
        await api.end_log("a", "site")
        api.logs["a", "site"] = LogFile([stamped(5, "after")])
        api.put(f"{PODS}/a", pod("a", **running("containerd://a-1", 1, "containerd://a-0")))
        found += await _until(stream, "after")
    kinds = [(record.kind, record.text) for record in found]
    assert kinds == [("line", "before"), ("restarted", "restarted, for the 1st time"), ("line", "after")]


async def test_a_group_that_cannot_be_read_holds_no_other_one_back(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/a", pod("a"))
    await api.write("a", "site", stamped(1, "one"))
    groups = [Group(ALPHA, cluster, "default", "gone"), Group(ALPHA, cluster, "default", "a")]
    async with aclosing(followed(groups, Wanted())) as stream:
        found = await _until(stream, "one")
    assert [record.kind for record in found] == ["lost", "line"]
    assert "there is no pod gone" in found[0].text


async def test_one_pod_that_is_not_there_is_trouble(cluster: Cluster) -> None:
    with pytest.raises(Trouble, match="there is no pod gone"):
        async for _ in followed([Group(ALPHA, cluster, "default", "gone")], Wanted()):
            pass


async def test_fifty_pods_are_read_at_once(api: FakeApi, cluster: Cluster) -> None:
    names = [f"p{number}" for number in range(50)]
    for number, name in enumerate(names):
        api.put(f"{PODS}/{name}", pod(name))
        await api.write(name, "site", stamped(1, f"old {name}", number))
    async with aclosing(followed([Group(ALPHA, cluster, "default", labels="id=web")], Wanted())) as stream:
        found = await _until(stream, "old p49")
        await api.streaming(51)
        for name in names:
            await api.write(name, "site", stamped(2, f"new {name}"))
        while len(_texts(found)) < 100:
            found += await anext(stream)
    assert _texts(found)[:50] == [f"old {name}" for name in names]
    assert set(_texts(found)[50:]) == {f"new {name}" for name in names}


async def test_where_nobody_takes_lines_reading_stops(
    api: FakeApi, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.put(f"{PODS}/a", pod("a"))
    monkeypatch.setattr("core.kube.log_streams._WAITING", 2)
    monkeypatch.setattr("core.kube.log_follow._QUEUE", 2)
    monkeypatch.setattr("core.kube.log_follow._BATCH", 10)
    await api.write("a", "site", *(stamped(1, f"line {number}", number) for number in range(1000)))
    async with aclosing(followed([Group(ALPHA, cluster, "default", "a")], Wanted())) as stream:
        first = await anext(stream)
        assert len(first) <= 1000
        found = list(first) + await _until(stream, "line 999") if _texts(first)[-1] != "line 999" else list(first)
    assert _texts(found) == [f"line {number}" for number in range(1000)]


async def test_the_run_before_is_read_and_ends(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/a", pod("a", **running("containerd://a-1", 1, "containerd://a-0")))
    api.put(f"{PODS}/b", pod("b"))
    api.previous["a", "site"] = LogFile([stamped(1, "it crashes")])
    group = Group(ALPHA, cluster, "default", labels="id=web")
    found = [record async for batch in recorded([group], Wanted(), previous=True) for record in batch]
    assert _texts(found) == ["it crashes"]
