"""Destroying an environment leaves nothing of it on this box."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.kubernetes.lab import Lab


def _traces() -> dict[str, str]:
    """Where an environment could leave something: mounts, interfaces, firewall rules, cgroups, processes."""
    return {
        "mounts": Path("/proc/self/mountinfo").read_text(),
        "links": _said("ip", "-o", "link"),
        "rules": _said("iptables-save"),
        "cgroups": "\n".join(str(path) for path in Path("/sys/fs/cgroup").glob("*/gondolier*")),
        "processes": _said("ps", "-eo", "args"),
    }


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_destroy_asks_for_the_name(deployed: Lab) -> None:
    assert "lab" in deployed.run("destroy", "lab", code=None)
    assert [entry["environment"] for entry in deployed.json("environments")] == ["lab"]
    assert len(deployed.machines("lab")) == 4


def test_destroy_leaves_nothing(deployed: Lab) -> None:
    deployed.run("destroy", "lab", "--yes")
    assert deployed.json("environments") == []
    home = str(deployed.home)
    for name, text in _traces().items():
        assert home not in text, f"{name} still name the home"
        assert "gondolier:lab" not in text, f"{name} still name the environment"
    assert "gnd-" not in _traces()["links"]
    assert not (deployed.home / "keys" / "lab").exists()
    assert deployed.machines("lab") == set()
    assert "no environment lab" in deployed.run("status", "lab", code=5)
