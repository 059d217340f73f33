"""A process that is killed right after any of its writes: the next one goes on, makes no twin and loses nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.openstack.documents import declaration
from tests.openstack.inventory import inventory
from tests.openstack.project import Project

MOST_RUNS = 80
"""More than an environment of three machines takes writes."""


def _run(order: str, file: Path, kill_after: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.openstack.driving", order, str(file), "--publish", "80/TCP/public"]
    return subprocess.run(
        [*command, "--kill-after", str(kill_after)], capture_output=True, text=True, env=dict(os.environ), check=False
    )


def _until_done(order: str, file: Path, kill_after: int) -> int:
    """Run again and again, each run killed after so many writes, until one ends by itself; gives how many died."""
    for deaths in range(MOST_RUNS):
        done = _run(order, file, kill_after)
        if done.returncode == 0:
            return deaths
        assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    raise AssertionError(f"{order} did not end within {MOST_RUNS} runs")


def test_killed_after_every_single_write(project: Project, tmp_path: Path) -> None:
    before = inventory(project.bed.place.clouds)
    file = tmp_path / "lab.json"
    file.write_text(json.dumps(declaration(1, 1)))
    project.store.environments.ensure("lab")

    deaths = _until_done("deploy", file, 1)
    assert deaths >= 10, "each run dies after its first write; those that were under way beside it are done, too"
    found = inventory(project.bed.place.clouds)
    new = {kind: len(found[kind]) - len(before[kind]) for kind in found}
    assert new == {
        "servers": 3,
        "server_groups": 3,
        "key_pairs": 0,
        "networks": 1,
        "subnets": 1,
        "routers": 1,
        # Beside the machines' own, the router's in their network; its gateway's belongs to nobody's project.
        "ports": 4,
        "ips": 2,
        "security_groups": 4,
        "security_group_rules": new["security_group_rules"],
    }

    deaths = _until_done("destroy", file, 1)
    assert deaths >= 4, "each run dies after its first removal"
    assert inventory(project.bed.place.clouds) == before
