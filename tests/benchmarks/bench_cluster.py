"""How long a real cluster takes: 1 + 2 + 1 machines on this box, deployed, left alone, scaled up and down.

Run as `python -m tests.benchmarks.bench_cluster`, as root, with the components of tests/mirror built.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.calibration import calibrate
from tests.kubernetes.lab import Lab, document, obstacle, registry_running

_REACHED = re.compile(r"^\s*([\d.]+)\s+\S+\s+\S+: reach \S+: done")
_ENDED = re.compile(r"^\s*([\d.]+)\s+deploy finished", re.MULTILINE)


def main() -> int:
    """Print the figures, or why there are none."""
    if reason := obstacle():
        print(f"real cluster: not measured: {reason}")
        return 0
    print(calibrate())
    with tempfile.TemporaryDirectory() as home, registry_running() as url:
        lab = Lab(Path(home), url)
        lab.configure()
        (lab.home / "lab.yaml").write_text(document(url))
        lab.run("apply", str(lab.home / "lab.yaml"))
        try:
            _measure(lab)
        finally:
            lab.run("destroy", "lab", "--yes")
    return 0


def _measure(lab: Lab) -> None:
    report, took = _timed(lab, "deploy", "lab")
    _say("deploy, machines included", took)
    _say("deploy, from SSH to all conditions true", _ended(report) - _first_reached(report), 120)
    _say("deploy that changes nothing", _timed(lab, "deploy", "lab")[1], 5)
    _say("plan that finds nothing", _timed(lab, "plan", "lab")[1])
    _say("scale a worker up", _timed(lab, "action", "lab/alpha", "scale-workers-up")[1], 40)
    _say("scale a worker down", _timed(lab, "action", "lab/alpha", "scale-workers-down")[1], 30)


def _timed(lab: Lab, *arguments: str) -> tuple[str, float]:
    started = time.perf_counter()
    return lab.run(*arguments), time.perf_counter() - started


def _first_reached(report: str) -> float:
    """Seconds into the run when the first machine answered SSH."""
    return min(float(found.group(1)) for line in report.splitlines() if (found := _REACHED.match(line)))


def _ended(report: str) -> float:
    found = _ENDED.search(report)
    if found is None:
        raise RuntimeError(f"the report has no end:\n{report}")
    return float(found.group(1))


def _say(what: str, seconds: float, most: float | None = None) -> None:
    wish = f"   at most {most:.0f} s" if most else ""
    print(f"{what:<42} {seconds:6.1f} s{wish}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
