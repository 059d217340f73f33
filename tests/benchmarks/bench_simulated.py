"""How long environments take on simulated machines: the product's own cost, and the simulator's.

Run as `python -m tests.benchmarks.bench_simulated`; needs nothing but the package.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.calibration import calibrate
from tests.simulator.home import Home, document, home_at


def main() -> int:
    """Print the figures."""
    print(calibrate())
    for measure in (_demo, _twenty, _fifty):
        with tempfile.TemporaryDirectory() as folder, home_at(Path(folder)) as home:
            measure(home)
    return 0


def _demo(home: Home) -> None:
    _say("simulator, first start", _timed(home, "simulator", "start"), 1)
    _say("demo: 1 + 2 + 1 machines and a pod", _timed(home, "demo", "--headless"), 15)
    _say("a deploy that changes nothing", _timed(home, "deploy", "demo"))
    _say("status", _timed(home, "status", "demo"))
    _say("scale a worker up", _timed(home, "action", "demo/alpha", "scale-workers-up"), 3)
    _say("scale a worker down", _timed(home, "action", "demo/alpha", "scale-workers-down"))
    _say("scale a pod up", _timed(home, "action", "demo/web", "scale-pod-up"))
    _say("destroy", _timed(home, "destroy", "demo", "--yes"))


def _twenty(home: Home) -> None:
    home.apply(document(workers=17, gateways=2))
    _say("1 + 17 + 2 machines deployed", _timed(home, "deploy", "lab"))
    _say("a plan that finds nothing over 20 machines", _timed(home, "plan", "lab"), 2)


def _fifty(home: Home) -> None:
    home.apply(document(workers=50, gateways=4, replicas=20))
    _say("1 + 50 + 4 machines deployed", _timed(home, "deploy", "lab"), 60)
    census = home.json("simulator", "status")
    print(f"{'simulator, memory with 55 machines':<44} {census['memory'] / 1e6:6.0f} MB")


def _timed(home: Home, *arguments: str) -> float:
    started = time.perf_counter()
    home.run(*arguments)
    return time.perf_counter() - started


def _say(what: str, seconds: float, most: float | None = None) -> None:
    wish = f"   at most {most:.0f} s" if most else ""
    print(f"{what:<44} {seconds:6.1f} s{wish}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
