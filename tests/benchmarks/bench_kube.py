"""Live clusters under load: 10,000 pods listed, 500 updates a second, logs of 5,000 lines a second.

`python -m tests.benchmarks.bench_kube [PODS]`. The load comes from the simulated API server in a process of its own,
over TLS on the loopback. Loop time is what callbacks of the event loop took, measured one by one.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from core.kube.access import Cluster
from core.kube.kinds import POD
from core.kube.kubeconfig import open_client
from core.kube.listing import Listing
from core.kube.log_fields import severity
from core.kube.log_streams import Group, Wanted, followed
from core.live.objects import ClusterRef
from core.live.tables import TableQuery
from tests.benchmarks.calibration import calibrate

ALPHA = ClusterRef("lab", "alpha")
SECONDS = 10.0
_TICK = 0.005


@dataclass
class Loop:
    """What the event loop did: seconds of each callback, lateness of a ticker, processor time."""

    slices: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    wall: float = 0.0
    processor: float = 0.0

    @property
    def busy(self) -> float:
        return sum(self.slices)

    @property
    def longest(self) -> float:
        return max(self.slices, default=0.0)

    @property
    def lateness(self) -> float:
        """The 95th percentile, in milliseconds."""
        return quantiles(self.late, n=20)[-1] * 1000 if len(self.late) > 1 else 0.0


@contextmanager
def watched() -> Iterator[Loop]:
    """Time every callback of the loop, and a ticker beside them."""
    found, run = Loop(), asyncio.events.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.perf_counter()
        run(handle)
        found.slices.append(time.perf_counter() - began)

    asyncio.events.Handle._run = timed  # type: ignore[method-assign, assignment]
    ticker = asyncio.ensure_future(_tick(found))
    began, processor = time.perf_counter(), time.process_time()
    try:
        yield found
    finally:
        found.wall, found.processor = time.perf_counter() - began, time.process_time() - processor
        ticker.cancel()
        asyncio.events.Handle._run = run  # type: ignore[method-assign]


async def _tick(found: Loop) -> None:
    while True:
        due = time.perf_counter() + _TICK
        await asyncio.sleep(_TICK)
        found.late.append(max(0.0, time.perf_counter() - due))


class Load:
    """The server in its own process."""

    def __init__(self, pods: int) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.kube_load", str(pods)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.kubeconfig: dict[str, Any] = json.loads(self._process.stdout.readline())

    def order(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


def main() -> int:
    """Print the figures."""
    pods = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print(calibrate())
    load = Load(pods)
    try:
        asyncio.run(_measure(load, pods))
    finally:
        load.end()
    return 0


async def _measure(load: Load, pods: int) -> None:
    async with Cluster(load.kubeconfig, "alpha") as cluster:
        # The first request imports the client libraries; that is the start's cost, not the list's.
        await cluster.get("/version")
        gc.collect()
        gc.freeze()
        before = _resident()
        listing = _listing(cluster)
        async with listing.running():
            await _list(listing, pods, before)
            await _updates(listing, load)
            await _logs(cluster, load, 1)
            await _logs(cluster, load, 50)
            await _soak(listing, cluster, load)
    await _generated(load, pods)


def _listing(cluster: Cluster) -> Listing:
    async def opened(ref: ClusterRef) -> Cluster:
        return cluster

    return Listing(TableQuery((ALPHA,), POD.id), POD, opened)


async def _list(listing: Listing, pods: int, before: float) -> None:
    with watched() as loop:
        await _until(listing, lambda: listing.sources[0].synced)
    assert len(listing.rows) == pods, len(listing.rows)
    _say(f"list {pods:,} pods: loop time", loop.busy * 1000, "ms", 1000)
    _say("  longest slice", loop.longest * 1000, "ms", 30)
    _say("  until all are there (server included)", loop.wall * 1000, "ms")
    _say("  memory", _resident() - before, "MB", 150)
    status = next(column for column in listing.shape.columns if column.title == "STATUS")
    began = time.perf_counter()
    sorted(listing.rows.values(), key=status.sort)
    _say("  sort all by status", (time.perf_counter() - began) * 1000, "ms")


async def _updates(listing: Listing, load: Load) -> None:
    batches = changed = 0
    load.order(f"update 500 {SECONDS}")
    with watched() as loop:
        ending = time.monotonic() + SECONDS
        async with aclosing(listing.changes()) as changes:
            await anext(changes)
            while (left := ending - time.monotonic()) > 0:
                try:
                    batch = await asyncio.wait_for(anext(changes), left)
                except TimeoutError:
                    break
                batches, changed = batches + 1, changed + len(batch.rows)
    _say(f"500 updates/s: processor ({changed / loop.wall:,.0f} rows/s, {batches / loop.wall:.1f} batches/s)",
         loop.processor / loop.wall * 100, "%", 15)  # fmt: skip
    _say("  lateness p95", loop.lateness, "ms", 10)
    _say("  longest slice", loop.longest * 1000, "ms", 30)


async def _logs(cluster: Cluster, load: Load, streams: int) -> None:
    """Follow `streams` pods that together write 5,000 lines a second; the severity of what a screen shows is read."""
    groups = [Group(ALPHA, cluster, "default", pod=f"web-{number // 10:05}-{number % 10}") for number in range(streams)]
    load.order(f"log {5000 / streams} {SECONDS + 120}")
    lines = 0
    async with aclosing(followed(groups, Wanted())) as batches:
        await anext(batches)
        with watched() as loop:
            ending = time.monotonic() + SECONDS
            async for batch in batches:
                lines += len(batch)
                for record in batch[-45:]:
                    severity(record.text)
                if time.monotonic() > ending:
                    break
    rate = lines / loop.wall
    _say(f"logs of {streams} pods: processor ({rate:,.0f} lines/s)", loop.processor / loop.wall * 100, "%", 35)
    _say("  lateness p95", loop.lateness, "ms", 20)
    _say("  longest slice", loop.longest * 1000, "ms", 30)


async def _soak(listing: Listing, cluster: Cluster, load: Load) -> None:
    """A minute of watches and logs: as many changes as two hours bring at 4 a second, and 300,000 lines."""
    await _both(listing, cluster, load, 10)
    gc.collect()
    before = _resident()
    lines = await _both(listing, cluster, load, 60)
    gc.collect()
    _say(f"30,000 changes and {lines:,} lines: memory grows by", (_resident() / before - 1) * 100, "%", 10)


async def _both(listing: Listing, cluster: Cluster, load: Load, seconds: float) -> int:
    """Read everything and keep nothing; the answer is the count of lines."""
    lines, ending = 0, time.monotonic() + seconds
    load.order(f"log 5000 {seconds + 120}")
    load.order(f"update 500 {seconds}")

    async def changes() -> None:
        async with aclosing(listing.changes()) as found:
            async for _ in found:
                continue

    task = asyncio.create_task(changes())
    group = Group(ALPHA, cluster, "default", pod="web-00000-0")
    async with aclosing(followed([group], Wanted())) as batches:
        async for batch in batches:
            lines += len(batch)
            if time.monotonic() > ending:
                break
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return lines


async def _generated(load: Load, pods: int) -> None:
    """The same list through the generated client's models."""
    from kubernetes_asyncio.client import CoreV1Api

    before = _resident()
    client = await open_client(load.kubeconfig, "alpha")
    try:
        found: list[object] = []
        more: str | None = None
        with watched() as loop:
            while more != "":
                page = await CoreV1Api(client).list_pod_for_all_namespaces(limit=500, _continue=more or "")
                found += page.items
                more = page.metadata._continue or ""
        assert len(found) == pods
    finally:
        await client.close()
    _say(f"generated models, list {pods:,} pods: loop time", loop.busy * 1000, "ms")
    _say("  longest slice", loop.longest * 1000, "ms")
    _say("  memory", _resident() - before, "MB")


async def _until(listing: Listing, done: Callable[[], bool]) -> None:
    async with aclosing(listing.changes()) as changes:
        async for _ in changes:
            if done():
                return


def _resident() -> float:
    """Megabytes resident now."""
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


def _say(what: str, amount: float, unit: str, most: float | None = None) -> None:
    wish = f"   at most {most:g} {unit}" if most else ""
    print(f"{what:<72} {amount:9.1f} {unit}{wish}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
