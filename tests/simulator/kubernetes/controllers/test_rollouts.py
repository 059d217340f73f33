"""Rollouts of any shape keep their bounds and come to an end: properties."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.simulator.kubernetes.controllers.rolling import bounds, rolled
from core.simulator.kubernetes.shape import Object

amounts = st.one_of(st.integers(0, 5), st.integers(0, 100).map("{}%".format))


def a_set(name: str, size: int, available: int) -> Object:
    return {"metadata": {"name": name}, "spec": {"replicas": size}, "status": {"availableReplicas": available}}


@given(replicas=st.integers(0, 12), surge=amounts, unavailable=amounts, broken=st.integers(0, 12))
def test_a_rollout_keeps_its_bounds_and_ends(
    replicas: int, surge: int | str, unavailable: int | str, broken: int
) -> None:
    strategy = {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    deployment: Object = {"spec": {"replicas": replicas, "strategy": strategy}}
    above, below = bounds(deployment)
    new, old = a_set("new", 0, 0), a_set("old", replicas, max(0, replicas - broken))
    least = min(old["status"]["availableReplicas"], replicas - below)
    for _ in range(200):
        before = new["spec"]["replicas"], old["spec"]["replicas"]
        for name, size in rolled(deployment, new, [old]).items():
            {"new": new, "old": old}[name]["spec"]["replicas"] = size
        for one in (new, old):
            one["status"]["availableReplicas"] = min(one["status"]["availableReplicas"], one["spec"]["replicas"])
        assert new["spec"]["replicas"] + old["spec"]["replicas"] <= replicas + above
        assert new["status"]["availableReplicas"] + old["status"]["availableReplicas"] >= least
        if before == (new["spec"]["replicas"], old["spec"]["replicas"]):
            new["status"]["availableReplicas"] = min(new["spec"]["replicas"], new["status"]["availableReplicas"] + 1)
    assert (new["spec"]["replicas"], old["spec"]["replicas"]) == (replicas, 0)
