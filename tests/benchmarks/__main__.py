"""All benchmarks, one after another: `python -m tests.benchmarks`. Figures, no judgement."""

from __future__ import annotations

import subprocess
import sys

PARTS = (
    "bench_engine",
    "bench_console",
    "bench_screens",
    "bench_machines",
    "bench_applications",
    "bench_simulated",
    "bench_simulated_api",
    "bench_simulator",
    "bench_kube",
    "bench_cluster",
    "bench_openstack",
)


def main() -> int:
    """Print every part's figures; fails where a part could not run at all."""
    failed = []
    for part in PARTS:
        print(f"\n{part}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.benchmarks.{part}"], check=False).returncode:
            failed.append(part)
    if failed:
        print(f"could not be measured: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
