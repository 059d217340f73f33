"""The simulated Kubernetes API at 5,000 pods: memory, lists, and 500 updates a second to several watchers.

python -m tests.benchmarks.bench_simulated_api
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from core.kube.access import Cluster
from core.kube.rows import PodRow
from core.simulator.kubernetes.objects import Objects
from tests.benchmarks.calibration import calibrate
from tests.simulator.kubernetes.kubelets import run_pod
from tests.simulator.kubernetes.serving import Served, serving

Object = dict[str, Any]

PODS, NODES, WATCHERS = 5_000, 200, 5
UPDATES, SECONDS = 500, 10


async def main() -> None:
    """Print the figures."""
    print(calibrate())
    process, objects = psutil.Process(), Objects()
    print(f"before: {process.memory_info().rss / 1e6:.0f} MB")
    started = time.perf_counter()
    for number in range(PODS):
        run_pod(objects, f"web-{number}", node=f"node-{number % NODES}", labels={"app": f"web-{number % 50}"})
    took = time.perf_counter() - started
    print(f"{PODS} pods made in {took:.1f} s; {process.memory_info().rss / 1e6:.0f} MB")
    with tempfile.TemporaryDirectory() as directory:
        async with serving(Path(directory), objects) as served, served.cluster() as cluster:
            await measure_lists(cluster)
            await measure_updates(served, cluster, process)
    print(f"at the end: {process.memory_info().rss / 1e6:.0f} MB (clients included)")


async def measure_lists(cluster: Cluster) -> None:
    """Lists of everything, as objects in pages and by a field."""
    for title, fields in (("all", ""), ("of one node", "spec.nodeName=node-7")):
        started = time.perf_counter()
        rows = await cluster.list("/api/v1/pods", PodRow, fields=fields)
        print(f"list {title}: {len(rows)} pods in {(time.perf_counter() - started) * 1000:.0f} ms (client included)")


async def measure_updates(served: Served, cluster: Cluster, process: psutil.Process) -> None:
    """Status updates at a steady rate, told to several watchers; processor time is of server and writer alone."""
    counts = [0] * WATCHERS
    watching = [asyncio.create_task(count(cluster, served.objects.version, counts, i)) for i in range(WATCHERS)]
    await asyncio.sleep(0.5)
    before, started = process.cpu_times(), time.perf_counter()
    for number in range(UPDATES * SECONDS):
        touch(served.objects, f"web-{number % PODS}", number)
        await asyncio.sleep(max(0.0, started + (number + 1) / UPDATES - time.perf_counter()))
    while min(counts) < UPDATES * SECONDS:
        await asyncio.sleep(0.01)
    took, after = time.perf_counter() - started, process.cpu_times()
    used = after.user + after.system - before.user - before.system
    print(
        f"{UPDATES * SECONDS} updates to {WATCHERS} watchers in {took:.1f} s, "
        f"{used / took * 100:.0f} % of a core with the watchers' reading"
    )
    for task in watching:
        task.cancel()


def touch(objects: Objects, name: str, number: int) -> None:
    """One status update, as a kubelet makes it."""
    pod = objects.get("pods", "default", name)
    assert pod is not None
    objects.update_status("pods", "default", name, pod["status"] | {"message": str(number)})


async def count(cluster: Cluster, since: int, counts: list[int], place: int) -> None:
    """Count the events of a watch."""
    query = [("watch", "true"), ("resourceVersion", str(since))]
    async with cluster.stream("/api/v1/pods", query) as response:
        async for piece in response.content.iter_any():
            counts[place] += piece.count(b"\n")


if __name__ == "__main__":
    asyncio.run(main())
