"""Figures of the simulated Kubernetes API: 5,000 pods on 200 nodes, 500 updates a second, ten watches.

Run: python -m tests.benchmarks.bench_simulated_api [pods] [nodes] [rate]
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from core.kube import paths
from core.kube.access import Cluster
from core.kube.rows import AnyRow, PodRow
from core.kube.watch import Added, Modified, Synced, watch
from core.simulator.kubernetes.load import churn, populate
from core.simulator.kubernetes.serving import serve
from core.simulator.kubernetes.simulation import Simulation
from core.simulator.kubernetes.store import Store
from tests.benchmarks.calibration import calibrate
from tests.simulator.certificates import Authority
from tests.simulator.kubeconfigs import kubeconfig

_USUAL = (5000, 200, 500)
_WATCHES = 10
_SECONDS = 6.0
_ECHOES = 40


def main() -> None:
    """Print the figures, or serve when asked to by oneself."""
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(_serve(Path(sys.argv[2]), *(int(number) for number in sys.argv[3:6])))
        return
    asked = [int(number) for number in sys.argv[1:4]]
    pods, nodes, rate = [*asked, *_USUAL[len(asked) :]]
    print(calibrate())
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", __spec__.name, "--serve", directory, str(pods), str(nodes), str(rate)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            try:
                asyncio.run(_measure(server))
            finally:
                server.terminate()


async def _serve(directory: Path, pods: int, nodes: int, rate: int) -> None:
    """The server's side: says how long it took to fill, then begins to churn when a line comes in."""
    authority = Authority(directory)
    certificate, key = authority.issue("kube-apiserver")
    simulation = Simulation(Store())
    async with serve(simulation, certificate=certificate, key=key, client_authority=authority.file) as server:
        began = time.perf_counter()
        populate(simulation, nodes=nodes, pods=pods)
        filled = time.perf_counter() - began
        began = time.perf_counter()
        simulation.store.save(directory / "store")
        saved = time.perf_counter() - began
        began = time.perf_counter()
        Store().load(directory / "store")
        loaded = time.perf_counter() - began
        config = kubeconfig(server, authority, *authority.issue("admin", "system:masters"))
        said = {"config": config, "fill": filled, "save": saved, "load": loaded}
        print(json.dumps(said | {"size": (directory / "store").stat().st_size}), flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await churn(simulation, rate=rate)


async def _measure(server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None and server.stdout is not None
    said: dict[str, Any] = json.loads(server.stdout.readline())
    times = ", ".join(f"{word} {said[word] * 1000:.0f} ms" for word in ("fill", "save", "load"))
    print(f"{times}, snapshot {said['size'] / 1e6:.1f} MB, resident {resident(server.pid) / 1e6:.0f} MB")
    async with Cluster(said["config"], "bench") as cluster:
        await _lists(cluster, server.pid)
        await _watches(cluster, server)
    print(f"resident after churn {resident(server.pid) / 1e6:.0f} MB")


def resident(process: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def processor(process: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _lists(cluster: Cluster, process: int) -> None:
    await cluster.get("/version")
    before, began = processor(process), time.perf_counter()
    body = await cluster.fetch(paths.pods()) or b""
    took, cpu = time.perf_counter() - began, processor(process) - before
    print(f"list at once: {took * 1000:.0f} ms, server {cpu * 1000:.0f} ms, {len(body) / 1e6:.1f} MB")
    began = time.perf_counter()
    rows = await cluster.list(paths.pods(), PodRow)
    print(f"list in pages of 500, decoded: {(time.perf_counter() - began) * 1000:.0f} ms for {len(rows)} pods")


async def _watches(cluster: Cluster, server: subprocess.Popen[str]) -> None:
    assert server.stdin is not None
    synced, seen = asyncio.Semaphore(0), [0] * _WATCHES
    tasks = [asyncio.create_task(_one(cluster, number, synced, seen)) for number in range(_WATCHES)]
    for _ in range(_WATCHES):
        await synced.acquire()
    server.stdin.write("go\n")
    server.stdin.flush()
    await asyncio.sleep(1)
    began, cpu, count = time.perf_counter(), processor(server.pid), sum(seen)
    await asyncio.sleep(_SECONDS)
    took = time.perf_counter() - began
    rate, share = (sum(seen) - count) / took / _WATCHES, (processor(server.pid) - cpu) / took
    print(f"{_WATCHES} watches: {rate:.0f} events/s each, server {share * 100:.0f} % of a core")
    echoes = sorted([await _echo(cluster) for _ in range(_ECHOES)])
    print(f"write to watch event under that load: median {echoes[_ECHOES // 2]:.1f} ms, "
          f"p95 {echoes[_ECHOES * 95 // 100]:.1f} ms")  # fmt: skip
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _echo(cluster: Cluster) -> float:
    """Milliseconds from a write's beginning to the event in a watch that was open before."""
    path = paths.collection("v1", "configmaps", "default")
    name, synced = f"echo-{time.monotonic_ns()}", asyncio.Event()

    async def told() -> None:
        async for delta in watch(cluster, path, AnyRow):
            if isinstance(delta, Synced):
                synced.set()
            elif isinstance(delta, Added) and delta.row.metadata.name == name:
                return

    task = asyncio.create_task(told())
    await synced.wait()
    began = time.perf_counter()
    await cluster.create(path, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
    await task
    return (time.perf_counter() - began) * 1000


async def _one(cluster: Cluster, number: int, synced: asyncio.Semaphore, seen: list[int]) -> None:
    async for delta in watch(cluster, paths.pods(), PodRow):
        if isinstance(delta, Synced):
            synced.release()
        elif isinstance(delta, Modified):
            seen[number] += 1


if __name__ == "__main__":
    main()
