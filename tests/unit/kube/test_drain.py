"""Taking nodes out of use."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.engine.errors import Refusal, Trouble
from core.engine.step import Level
from core.kube.access import Cluster
from core.kube.drain import cordon, delete_node, drain, sort_pods, uncordon
from core.kube.rows import PodRow
from tests.unit.kube.fake_api import FakeApi, Fault
from tests.unit.kube.samples import PODS, Object, pod

NODE = "/api/v1/nodes/kube-2"


class Lines:
    def __init__(self) -> None:
        self.lines: list[tuple[str, Level]] = []

    def __call__(self, text: str, level: Level = "info") -> None:
        self.lines.append((text, level))

    def warnings(self) -> str:
        return "\n".join(text for text, level in self.lines if level == "warning")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.kube.drain._FIRST_PAUSE", 0.001)
    monkeypatch.setattr("core.kube.drain._LONGEST_PAUSE", 0.01)


@pytest.fixture
def report(api: FakeApi) -> Lines:
    api.put(NODE, {"kind": "Node", "metadata": {"name": "kube-2"}, "spec": {}})
    return Lines()


def _of(kind: str, name: str, **metadata: Any) -> Object:
    thing = pod(name)
    owner = {"kind": kind, "name": "owner", "controller": True}
    thing["metadata"] |= {"ownerReferences": [owner] if kind else []} | metadata
    return thing


async def test_a_drained_node_is_cordoned_and_keeps_only_what_belongs_to_it(
    api: FakeApi, cluster: Cluster, report: Lines
) -> None:
    api.put(f"{PODS}/web", pod("web"))
    api.put(f"{PODS}/calico", _of("DaemonSet", "calico"))
    api.put(f"{PODS}/static", _of("Node", "static", annotations={"kubernetes.io/config.mirror": "x"}))
    api.put(f"{PODS}/elsewhere", pod("elsewhere") | {"spec": {"nodeName": "kube-3"}})
    await drain(cluster, "kube-2", report, deadline=20)
    left = sorted(path.rsplit("/", 1)[1] for path in api.objects if "/pods/" in path)
    assert left == ["calico", "elsewhere", "static"]
    assert api.objects[NODE]["spec"] == {"unschedulable": True}
    assert ("pod default/web is gone", "info") in report.lines


async def test_cordon_and_uncordon_are_each_others_reverse(api: FakeApi, cluster: Cluster, report: Lines) -> None:
    assert await cordon(cluster, "kube-2")
    assert await uncordon(cluster, "kube-2")
    assert api.objects[NODE]["spec"] == {}
    assert not await cordon(cluster, "kube-9")


async def test_a_node_that_is_gone_is_drained_and_deleted(api: FakeApi, cluster: Cluster, report: Lines) -> None:
    assert await delete_node(cluster, "kube-2")
    assert not await delete_node(cluster, "kube-2")
    await drain(cluster, "kube-2", report)
    assert report.lines == []


async def test_an_eviction_that_the_budget_refuses_is_tried_until_it_is_allowed(
    api: FakeApi, cluster: Cluster, report: Lines
) -> None:
    api.put(f"{PODS}/web", pod("web"))
    said = {"message": "would violate", "details": {"causes": [{"reason": "DisruptionBudget", "message": "budget b"}]}}
    api.faults.append(Fault("POST", "/eviction", 429, said, times=3))
    await drain(cluster, "kube-2", report, deadline=20)
    assert f"{PODS}/web" not in api.objects
    assert report.warnings().count("budget b") == 1, "the same reason is said once"


async def test_a_drain_that_the_budget_holds_up_names_pod_and_budget(
    api: FakeApi, cluster: Cluster, report: Lines
) -> None:
    api.put(f"{PODS}/web", pod("web"))
    api.budgets["web"] = "The disruption budget web-budget needs 2 healthy pods and has 2 currently"
    with pytest.raises(Trouble, match=r"default/web.*web-budget"):
        await drain(cluster, "kube-2", report, deadline=0.2)
    assert f"{PODS}/web" in api.objects


async def test_force_deletes_after_the_deadline_and_says_so(api: FakeApi, cluster: Cluster, report: Lines) -> None:
    api.put(f"{PODS}/web", pod("web"))
    api.budgets["web"] = "The disruption budget web-budget needs 2 healthy pods and has 2 currently"
    await drain(cluster, "kube-2", report, deadline=0.2, force=True)
    assert f"{PODS}/web" not in api.objects
    assert "default/web is deleted without regard" in report.warnings()


async def test_a_pod_that_does_not_end_is_named(api: FakeApi, cluster: Cluster, report: Lines) -> None:
    api.put(f"{PODS}/web", pod("web"))
    api.lingering.add("web")
    with pytest.raises(Trouble, match=r"default/web.*does not say that it ended"):
        await drain(cluster, "kube-2", report, deadline=0.2)


async def test_pods_that_nothing_brings_back_are_refused_and_lost_only_by_force(
    api: FakeApi, cluster: Cluster, report: Lines
) -> None:
    api.put(f"{PODS}/lonely", _of("", "lonely"))
    with pytest.raises(Refusal, match="default/lonely"):
        await drain(cluster, "kube-2", report)
    assert f"{PODS}/lonely" in api.objects
    await drain(cluster, "kube-2", report, force=True)
    assert f"{PODS}/lonely" not in api.objects
    assert "default/lonely has no controller" in report.warnings()


def test_pods_are_sorted_by_what_draining_does_with_them() -> None:
    volumes = {"nodeName": "kube-2", "volumes": [{"name": "tmp", "emptyDir": {}}]}
    things = [
        pod("moves") | {"spec": volumes},
        _of("DaemonSet", "stays"),
        _of("DaemonSet", "ended") | {"status": {"phase": "Succeeded"}},
        _of("", "orphan"),
        _of("", "done") | {"status": {"phase": "Succeeded"}},
    ]
    found = sort_pods([msgspec.convert(thing, PodRow) for thing in things])
    assert [each.metadata.name for each in found.moved] == ["moves", "ended", "done"]
    assert [each.metadata.name for each in found.kept] == ["stays"]
    assert [each.metadata.name for each in found.orphans] == ["orphan"]
    assert [each.metadata.name for each in found.losing] == ["moves"]
