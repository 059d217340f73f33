"""The deploying process is killed at every boundary of its steps and inside them; the next run makes all good.

By default a few points by chance, whose seed is printed; `-m sweep` takes every point. One world sees them all: a
deployment is forgotten after its point, scaling up and down take turns.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import zip_longest
from pathlib import Path

import pytest

from core.simulator.client import Client
from core.store.store import Store
from tests.simulator.crash.lab import CrashLab, changed
from tests.simulator.crash.points import Point, Turns, every_point, some_points
from tests.simulator.home import document

VOTERS = {1: ["gateway-1", "kube-1", "kube-2"], 2: ["kube-1", "kube-2", "kube-3"]}
"""Who votes in etcd with so many workers: the gateway gives its vote to the second one, and gets it back."""

GATEWAYS_ETCD = frozenset({("gateway-1", "etcd.service")})


@pytest.fixture(scope="module")
def chance() -> random.Random:
    """Chooses the points; GONDOLIER_CRASH_SEED repeats a choice."""
    seed = os.environ.get("GONDOLIER_CRASH_SEED") or secrets.token_hex(4)
    print(f"GONDOLIER_CRASH_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[CrashLab]:
    """Environment lab is deployed in an empty world, its points are counted."""
    with Store(tmp_path) as store:
        lab = CrashLab(tmp_path, store)
        await _declare(lab)
        lab.turns = await lab.counted("deploy")
        yield lab
    await Client(tmp_path).stop()


async def _declare(lab: CrashLab) -> None:
    lab.declare(workers=1)
    await lab.console.apply(document(workers=1, gateways=1, replicas=1), "lab.yaml")


async def _deployments(lab: CrashLab, points: Sequence[Point]) -> None:
    """One deployment for each point, each from nothing."""
    for point in points:
        await lab.forget()
        await _declare(lab)
        await lab.recover("deploy", point, 1, VOTERS[1], frozenset())


async def _scalings(lab: CrashLab, points: Callable[[Turns], Sequence[Point]]) -> None:
    """Up and down and up again, until every point of both has been taken."""
    ups = points(await lab.counted("scale-workers-up"))
    downs = points(await lab.counted("scale-workers-down"))
    for up, down in zip_longest(ups, downs):
        await _scale(lab, "scale-workers-up", up, 2)
        await _scale(lab, "scale-workers-down", down, 1)


async def _scale(lab: CrashLab, action: str, point: Point | None, workers: int) -> None:
    if point is None:
        assert await lab.begin(action) == 0
        return
    before = await lab.stamps()
    await lab.recover(action, point, workers, VOTERS[workers], GATEWAYS_ETCD)
    anew = {(machine, unit) for machine, _, unit in changed(before, await lab.stamps())}
    assert {(machine, unit) for machine, unit in anew if machine != "kube-3"} <= GATEWAYS_ETCD


async def test_a_deployment_and_scalings_that_are_killed(lab: CrashLab, chance: random.Random) -> None:
    await _deployments(lab, some_points(lab.turns, chance, 2))
    await _scalings(lab, lambda turns: some_points(turns, chance, 1))


SHARES = 4
"""Into how many worlds a deployment's points are dealt out, so that processes can take them side by side."""


@pytest.mark.sweep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("share", range(SHARES))
async def test_a_deployment_that_is_killed_anywhere(lab: CrashLab, chance: random.Random, share: int) -> None:
    await _deployments(lab, every_point(lab.turns, chance)[share::SHARES])


@pytest.mark.sweep
@pytest.mark.timeout(3600)
async def test_a_scaling_that_is_killed_anywhere(lab: CrashLab, chance: random.Random) -> None:
    await _scalings(lab, lambda turns: every_point(turns, chance))
