"""What provisioning on OpenStack costs: calls of a plan that finds nothing, and eight machines at once against one.

Run as `python -m tests.benchmarks.bench_openstack`, as root, with Debian's mariadb-server and rabbitmq-server. The
services are real and share this box's processors, which a cloud's do not: so the same is measured with every answer
held back for a while, as over a network, when the box's own work hides less of it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from keystoneauth1.session import Session

from core.clouds.base import MachineWish
from core.clouds.openstack.provider import OpenStackCloud
from core.model.naming import machines
from core.store.store import Store
from tests.benchmarks.calibration import calibrate
from tests.openstack.documents import environment
from tests.openstack.project import Lines, Project
from tests.openstack.proxy import Proxy, proxying
from tests.openstack.testbed.install import obstacle
from tests.openstack.testbed.services import Testbed, running

LATENCY = 1.0
"""Seconds that an answer is held back in the second measurement."""


def main() -> int:
    """Print the figures, or why there are none."""
    if reason := obstacle():
        print(f"openstack: not measured: {reason}")
        return 0
    print(calibrate())
    with tempfile.TemporaryDirectory() as home, running(Path(home) / "testbed") as bed, proxying() as proxy:
        clouds = Path(home) / "clouds.yaml"
        proxy.clouds(bed.place.clouds, clouds)
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(clouds)
        with Store(Path(home) / "home") as store:
            _measure(bed, store, proxy)
    return 0


def _measure(bed: Testbed, store: Store, proxy: Proxy) -> None:
    # A member's quota of floating addresses and servers is enough for eight machines.
    project = Project(bed, store, environment(5, 2))
    for latency in (0.0, LATENCY):
        proxy.latency = latency
        _say(f"answers held back by {latency:.0f} s")
        _machines(project)
    # Straight to the services: where endpoints come from the catalogue, versions are asked for once.
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(bed.place.clouds)
    for workers in (1, 5):
        project.deployed(environment(workers, 2))
        _plan(project)
    project.clean()


def _machines(project: Project) -> None:
    names = [entry.name for entry in machines(project.environment.clusters()[0])]
    wishes = [project.wish(name) for name in names]
    project.with_cloud(lambda cloud: cloud.lay_ground(wishes, Lines()))
    chains = [project.with_cloud(partial(_timed, wishes=[one])) for one in (wishes[0], wishes[-1])]
    together = project.with_cloud(partial(_timed, wishes=wishes))
    _say(f"  the slowest chain alone: {max(chains):.1f} s")
    _say(f"  1 + 5 + 2 machines together: {together:.1f} s, {together / max(chains):.2f} times as long (at most 1.5)")


async def _timed(cloud: OpenStackCloud, wishes: Sequence[MachineWish]) -> float:
    """Seconds until these machines run; they are gone again when this returns."""
    await cloud.machines()
    started = time.perf_counter()
    await asyncio.gather(*(cloud.create(wish, Lines()) for wish in wishes))
    took = time.perf_counter() - started
    await asyncio.gather(*(cloud.delete(wish.name, Lines()) for wish in wishes))
    return took


def _plan(project: Project) -> None:
    count = len(project.store.machines.list("lab"))
    asked = 0
    send = Session._send_request

    def counted(*arguments: Any, **more: Any) -> Any:
        nonlocal asked
        asked += 1
        return send(*arguments, **more)

    with patch.object(Session, "_send_request", counted):
        started = time.perf_counter()
        changes = project.plan()
        took = time.perf_counter() - started
    if changes:
        raise RuntimeError(f"the plan found {changes}")
    _say(f"plan that finds nothing, {count} machines: {took:.1f} s (at most 3), {asked} calls (at most 15)")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
