"""Metrics: quantities, histories, and clusters that have none."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from core.kube.access import Cluster
from core.kube.metrics import POINTS, quantity, usages
from tests.unit.kube.fake_api import FakeApi, Fault

_NODES, _PODS = "/apis/metrics.k8s.io/v1beta1/nodes", "/apis/metrics.k8s.io/v1beta1/pods"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("250m", 0.25),
        ("2", 2.0),
        ("1500000n", 0.0015),
        ("10u", 1e-5),
        ("128Mi", 128 * 2**20),
        ("1.5Gi", 1.5 * 2**30),
        ("3k", 3000.0),
    ],
)
def test_quantities_are_numbers(text: str, amount: float) -> None:
    assert quantity(text) == pytest.approx(amount)


@pytest.mark.parametrize("text", ["", "x", "12x"])
def test_what_is_no_quantity_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"quantity|convert"):
        quantity(text)


def _serve(api: FakeApi, cpu: str, names: tuple[str, ...]) -> None:
    container = {"usage": {"cpu": cpu, "memory": "64Mi"}}
    nodes = [{"metadata": {"name": "kube-1"}, "usage": {"cpu": cpu, "memory": "1Gi"}}]
    pods = [{"metadata": {"name": name, "namespace": "default"}, "containers": [container] * 2} for name in names]
    api.faults = [Fault("GET", _NODES, 200, {"items": nodes}), Fault("GET", _PODS, 200, {"items": pods})]


async def test_each_look_adds_a_point_and_what_is_gone_is_forgotten(api: FakeApi, cluster: Cluster) -> None:
    clock = iter(range(1000))
    async with aclosing(usages(cluster, 0.0, lambda: float(next(clock)))) as looks:
        _serve(api, "100m", ("a", "b"))
        first = await anext(looks)
        assert first.available
        assert [point.cpu for point in first.pods["default/a"]] == [pytest.approx(0.2)]
        assert first.pods["default/a"][0].memory == 128 * 2**20
        _serve(api, "200m", ("a",))
        second = await anext(looks)
        assert [point.time for point in second.nodes["kube-1"]] == [0.0, 1.0]
        assert second.pods.keys() == {"default/a"}
        for _ in range(POINTS):
            _serve(api, "1", ("a",))
            last = await anext(looks)
    assert len(last.nodes["kube-1"]) == POINTS


async def test_a_cluster_without_metrics_says_so_and_is_asked_again(api: FakeApi, cluster: Cluster) -> None:
    async with aclosing(usages(cluster, 0.0)) as looks:
        api.faults = [Fault("GET", path, 404) for path in (_NODES, _PODS)]
        found = await anext(looks)
        assert (found.available, found.reason) == (False, "the cluster serves no metrics: it has no metrics server")
        api.faults.append(Fault("GET", _NODES, 503, {"message": "the server is currently unable"}))
        assert "currently unable" in (await anext(looks)).reason
        _serve(api, "1", ())
        assert (await anext(looks)).available
