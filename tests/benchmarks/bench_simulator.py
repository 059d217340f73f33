"""The simulator under load: `python -m tests.benchmarks.bench_simulator [SECONDS]`.

A process of its own has 200 nodes with 5,000 pods, their kubelets, the scheduler, all controllers and the API server,
and changes 500 objects a second; this one watches all pods over TLS with the product's client. Memory and processor
time are the simulator's alone.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from core.kube import paths
from core.kube.access import Cluster
from core.kube.rows import PodRow
from core.kube.watch import Deleted, Synced, watch
from core.simulator.kubernetes.controllers.manager import Controllers
from core.simulator.kubernetes.kubelet.addresses import PodNetwork
from core.simulator.kubernetes.kubelet.fleet import Fleet
from core.simulator.kubernetes.kubelet.kubelet import Kubelet
from core.simulator.kubernetes.load import churn, node_facts, populate
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.scheduler.scheduler import Scheduler
from tests.benchmarks.calibration import calibrate
from tests.simulator.kubernetes.serving import serving

NODES, PODS, RATE = 200, 5000, 500
MOST_MEGABYTES = 300
_SECONDS = 20.0


def main() -> int:
    """Print the figures; 0 where the simulator keeps the bound of its memory."""
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(Path(sys.argv[2])))
        return 0
    print(calibrate())
    return asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else _SECONDS))


async def measure(seconds: float) -> int:
    """Run the simulator beside this process and watch it for so long."""
    with tempfile.TemporaryDirectory(prefix="gondolier-bench-") as directory:
        command = (sys.executable, "-m", "tests.benchmarks.bench_simulator", "serve", directory)
        simulator = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            return await report(simulator, seconds)
        finally:
            if simulator.returncode is None:
                simulator.terminate()
            await simulator.wait()


async def report(simulator: asyncio.subprocess.Process, seconds: float) -> int:
    """Print what the simulator says of itself, and what arrives here."""
    made = await heard(simulator)
    print(f"simulator: {NODES} nodes and {PODS} pods made in {made['populate']:.1f} s")
    process = psutil.Process(simulator.pid)
    await asyncio.sleep(2)
    idle = await share(process, 5)
    print(f"simulator: idle {100 * idle:.1f} % of a core, {megabytes(process):.0f} MB")
    arrived, listed, busy = await watched(made["kubeconfig"], lambda: start(simulator), process, seconds)
    peak = megabytes(process)
    print(f"simulator: {PODS} pods listed over TLS in {listed:.2f} s")
    print(
        f"simulator: {RATE} changes a second: {100 * busy:.0f} % of a core, {peak:.0f} MB (at most {MOST_MEGABYTES}); "
        f"{arrived / seconds:.0f} changes a second arrived at one client"
    )
    return 0 if peak <= MOST_MEGABYTES else 1


async def heard(simulator: asyncio.subprocess.Process) -> dict[str, Any]:
    """The next line of the simulator's."""
    assert simulator.stdout is not None
    found: dict[str, Any] = json.loads(await simulator.stdout.readline())
    return found


def start(simulator: asyncio.subprocess.Process) -> None:
    """Let it change objects from now on."""
    assert simulator.stdin is not None
    simulator.stdin.write(b"churn\n")


def megabytes(process: psutil.Process) -> float:
    """Its resident memory."""
    return float(process.memory_info().rss) / 1e6


async def share(process: psutil.Process, seconds: float) -> float:
    """Its share of one processor over so many seconds."""
    before = process.cpu_times()
    await asyncio.sleep(seconds)
    after = process.cpu_times()
    return float(after.user + after.system - before.user - before.system) / seconds


async def watched(
    kubeconfig: dict[str, Any], begin: Callable[[], None], process: psutil.Process, seconds: float
) -> tuple[int, float, float]:
    """How many changes arrive in so many seconds, how long the first list takes, the simulator's share meanwhile."""
    arrived, asked = 0, time.perf_counter()
    listed = asyncio.Event()

    async def follow(cluster: Cluster) -> None:
        nonlocal arrived
        async for delta in watch(cluster, paths.pods(), PodRow):
            if isinstance(delta, Synced):
                listed.set()
            elif listed.is_set() and not isinstance(delta, Deleted):
                arrived += 1

    async with Cluster(kubeconfig, "load", timeout=30) as cluster:
        task = asyncio.create_task(follow(cluster))
        await listed.wait()
        took = time.perf_counter() - asked
        begin()
        busy = await share(process, seconds)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return arrived, took, busy


async def serve(directory: Path) -> None:
    """Be the simulator: say how to be reached, and change objects as soon as a line comes."""
    began, objects = time.perf_counter(), Objects()
    network = populate(objects, NODES, PODS)
    took = time.perf_counter() - began
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(directory, objects))
        await run(stack, objects, network)
        print(json.dumps({"populate": took, "kubeconfig": served.kubeconfig()}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await churn(objects, RATE)


async def run(stack: AsyncExitStack, objects: Objects, network: PodNetwork) -> None:
    """Start everything that works on the objects."""
    fleet = Fleet(objects, network)
    for number in range(NODES):
        kubelet = Kubelet(fleet, node_facts(number))
        await kubelet.start()
        stack.push_async_callback(kubelet.stop)
    for part in (Controllers(objects), Scheduler(objects, time.time)):
        await part.start()
        stack.push_async_callback(part.stop)


if __name__ == "__main__":
    sys.exit(main())
