"""Logs of one pod and of many, as they were and as they come."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

import msgspec
import pytest

from core.engine.errors import Trouble
from core.kube.access import Cluster
from core.kube.log_follow import follow
from core.kube.log_lines import LogItem, LogLine, LogLost, LogRestarted
from core.kube.logs import history, last_lines, run_of, sources
from core.kube.rows import PodRow
from tests.unit.kube.fake_api import FakeApi, Fault, LogFile
from tests.unit.kube.samples import PODS, Object, pod, running, stamped


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.kube.log_follow._FIRST_PAUSE", 0.001)
    monkeypatch.setattr("core.kube.watch._FIRST_PAUSE", 0.001)


def _row(thing: Object) -> PodRow:
    return msgspec.convert(thing, PodRow)


def _text(item: LogItem) -> str:
    if isinstance(item, LogLine):
        return f"{item.pod}: {item.text}"
    return "restarted" if isinstance(item, LogRestarted) else "lost"


async def _until(stream: AsyncIterator[Sequence[LogItem]], last: str) -> list[str]:
    """What comes up to and with this text."""
    found: list[str] = []
    async for batch in stream:
        found += [_text(item) for item in batch]
        if last in found:
            return found
    return found


def _following(cluster: Cluster, **wanted: str) -> aclosing[AsyncGenerator[Sequence[LogItem], None]]:
    stream = follow(cluster, "default", **wanted)  # type: ignore[arg-type]
    assert isinstance(stream, AsyncGenerator)
    return aclosing(stream)


async def test_what_was_written_by_many_comes_in_the_order_of_time(api: FakeApi, cluster: Cluster) -> None:
    rows = [_row(api.put(f"{PODS}/{name}", pod(name))) for name in ("web-1", "web-2")]
    await api.write("web-1", "site", stamped(1, "a"), stamped(4, "d"))
    await api.write("web-2", "site", stamped(2, "b"), stamped(3, "c"))
    found = [item async for item in history(cluster, [each for row in rows for each in sources(row)])]
    assert [_text(item) for item in found] == ["web-1: a", "web-2: b", "web-2: c", "web-1: d"]


async def test_one_log_that_cannot_be_read_does_not_hide_the_others(api: FakeApi, cluster: Cluster) -> None:
    rows = [_row(api.put(f"{PODS}/{name}", pod(name))) for name in ("web-1", "web-2")]
    await api.write("web-2", "site", stamped(2, "b"))
    found = [item async for item in history(cluster, [each for row in rows for each in sources(row)])]
    assert isinstance(found[0], LogLost)
    assert "waiting to start" in found[0].reason
    assert _text(found[1]) == "web-2: b"


async def test_last_lines_are_the_last(api: FakeApi, cluster: Cluster) -> None:
    row = _row(api.put(f"{PODS}/web-1", pod("web-1")))
    await api.write("web-1", "site", *(stamped(number, str(number)) for number in range(9)))
    assert await last_lines(cluster, row, 2) == ["web-1/site: 7", "web-1/site: 8"]


async def test_a_followed_log_goes_on_after_a_cut_without_losing_or_doubling(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web-1", pod("web-1"))
    await api.write("web-1", "site", stamped(1, "a"), stamped(1, "a"), stamped(2, "b"))
    async with _following(cluster, labels="id=web") as stream:
        assert await _until(stream, "web-1: b") == ["web-1: a", "web-1: a", "web-1: b"]
        await api.streaming(2)
        await api.write("web-1", "site", stamped(2, "c"))
        assert await _until(stream, "web-1: c") == ["web-1: c"]
        api.cut()
        await api.write("web-1", "site", stamped(2, "d"), stamped(3, "e"))
        assert [text for text in await _until(stream, "web-1: e") if text != "lost"] == ["web-1: d", "web-1: e"]


async def test_a_restart_is_told_and_the_old_runs_rest_comes_first(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web-1", pod("web-1"))
    await api.write("web-1", "site", stamped(1, "a"))
    async with _following(cluster, labels="id=web") as stream:
        assert await _until(stream, "web-1: a") == ["web-1: a"]
        await api.streaming(2)
        api.previous["web-1", "site"] = LogFile([stamped(1, "a"), stamped(2, "dying")], ended=True)
        api.logs["web-1", "site"] = LogFile([stamped(3, "new")])
        api.cut()
        api.put(f"{PODS}/web-1", pod("web-1") | {"status": running("containerd://2", 1, "containerd://web-1-0")})
        told = [text for text in await _until(stream, "web-1: new") if text != "lost"]
    assert told == ["web-1: dying", "restarted", "web-1: new"]


async def test_a_run_that_ended_is_read_to_its_end_and_the_next_one_waited_for(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web-1", pod("web-1"))
    await api.write("web-1", "site", stamped(1, "a"))
    async with _following(cluster, labels="id=web") as stream:
        await _until(stream, "web-1: a")
        await api.streaming(2)
        await api.write("web-1", "site", stamped(2, "last"))
        await api.end_log("web-1", "site")
        assert await _until(stream, "web-1: last") == ["web-1: last"]
        api.previous["web-1", "site"] = api.logs["web-1", "site"]
        api.logs["web-1", "site"] = LogFile([stamped(3, "new")])
        api.put(f"{PODS}/web-1", pod("web-1") | {"status": running("containerd://2", 1, "containerd://web-1-0")})
        assert await _until(stream, "web-1: new") == ["restarted", "web-1: new"]


async def test_a_pod_that_comes_later_is_told_from_its_first_line(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web-1", pod("web-1"))
    await api.write("web-1", "site", stamped(1, "a"))
    async with _following(cluster, labels="id=web") as stream:
        await _until(stream, "web-1: a")
        await api.write("web-2", "site", stamped(2, "b"))
        api.put(f"{PODS}/web-2", pod("web-2"))
        assert await _until(stream, "web-2: b") == ["web-2: b"]


async def test_following_one_pod_ends_with_the_pod(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web-1", pod("web-1"))
    await api.write("web-1", "site", stamped(1, "a"))
    async with _following(cluster, pod="web-1") as stream:
        await _until(stream, "web-1: a")
        await api.write("web-1", "site", stamped(2, "b"))
        await api.end_log("web-1", "site")
        api.remove(f"{PODS}/web-1")
        assert await _until(stream, "never") == ["web-1: b"]


async def test_a_pod_or_container_that_does_not_exist_is_said(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web-1", pod("web-1"))
    async with _following(cluster, pod="nobody") as stream:
        with pytest.raises(Trouble, match="no pod nobody"):
            await _until(stream, "never")
    async with _following(cluster, pod="web-1", container="nothing") as stream:
        with pytest.raises(Trouble, match="no container nothing"):
            await _until(stream, "never")


async def test_an_api_in_trouble_is_told_and_followed_again(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{PODS}/web-1", pod("web-1"))
    await api.write("web-1", "site", stamped(1, "a"))
    api.faults.append(Fault("GET", "follow=true", 500, {"message": "kubelet is away"}))
    async with _following(cluster, labels="id=web") as stream:
        assert await _until(stream, "lost") == ["web-1: a", "lost"]
        await api.write("web-1", "site", stamped(2, "b"))
        assert await _until(stream, "web-1: b") == ["web-1: b"]


def test_the_log_of_a_waiting_container_is_that_of_its_last_run() -> None:
    waiting = running("containerd://1", 1, "containerd://0")
    waiting["containerStatuses"][0]["state"] = {"waiting": {"reason": "CrashLoopBackOff"}}
    found = run_of(_row(pod("web") | {"status": waiting}), "site")
    assert found is not None
    assert (found.id, found.running) == ("containerd://0", False)


def test_a_container_that_never_ran_has_no_log() -> None:
    status = {"phase": "Pending", "containerStatuses": [{"name": "site", "state": {"waiting": {}}}]}
    assert run_of(_row(pod("web") | {"status": status}), "site") is None
    assert run_of(_row(pod("web") | {"status": {}}), "site") is None
