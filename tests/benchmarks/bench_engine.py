"""The engine's own cost per step: `python -m tests.benchmarks.bench_engine [STEPS]`.

Whole runs – lock, deployment, journal, socket, one listener – of steps that do nothing: all independent, all in one
chain, and each of both where nothing differs (a probe) and where everything does (probe, durable intent, apply,
probe, durable ending). Exits 1 where a step costs more than the bound.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from core.engine.bus import Bus
from core.engine.run import Order, run
from core.engine.step import Change, Graph, Report, Step
from core.store import Store
from tests.benchmarks.calibration import calibrate

MOST_MS = 20.0
_STEPS = 1000
_CHANGE = (Change("create", "thing"),)


def main() -> int:
    """Print milliseconds per step for each shape; 0 where all keep the bound."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _STEPS
    print(calibrate())
    worst = 0.0
    for chained in (False, True):
        for differs in (False, True):
            cost = measure(count, chained, differs)
            worst = max(worst, cost)
            shape, work = "chained" if chained else "independent", "applied" if differs else "unchanged"
            print(f"engine: {count} {shape} steps, {work}: {cost:.2f} ms per step (at most {MOST_MS:.0f})")
    return 0 if worst <= MOST_MS else 1


def measure(count: int, chained: bool, differs: bool) -> float:
    """Milliseconds per step of one whole run."""
    with tempfile.TemporaryDirectory(prefix="gondolier-bench-") as home, Store(Path(home)) as store:
        store.environments.create("bench")
        started = time.perf_counter()
        asyncio.run(_run(store, graph(count, chained, differs)))
        return (time.perf_counter() - started) * 1000 / count


async def _run(store: Store, wanted: Graph) -> None:
    async def stage(report: Report) -> Graph:
        return wanted

    bus = Bus()
    bus.listen(lambda event: None)
    result = await run(store, Order("bench", "deploy", "document"), [stage], bus)
    if result.state != "succeeded":
        raise RuntimeError(f"the run {result.state}: {result.failed[:3]}")


def graph(count: int, chained: bool, differs: bool) -> Graph:
    """Steps without work of their own."""
    return Graph.of(
        no_op(str(number), frozenset((str(number - 1),)) if chained and number else frozenset(), differs)
        for number in range(count)
    )


def no_op(name: str, requires: frozenset[str], differs: bool) -> Step:
    """A step that differs until it was applied, or not at all."""
    left = list(_CHANGE) if differs else []

    async def probe() -> Sequence[Change]:
        return tuple(left)

    async def apply(changes: Sequence[Change], report: Report) -> None:
        left.clear()

    return Step(name, "bench", f"m-{name}", "nothing", "do nothing", probe, apply, requires)


if __name__ == "__main__":
    raise SystemExit(main())
