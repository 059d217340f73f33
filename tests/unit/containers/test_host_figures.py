"""What a Docker engine tells of a pull and of a container's use, as a report and a table have it."""

from __future__ import annotations

from typing import Any

from core.containers.standalone.pulling import Pull
from core.containers.standalone.usage import usage_of


def told(*news: dict[str, Any]) -> list[str]:
    pull = Pull("nginx:1.29")
    return [line for one in news if (line := pull.told(one))]


def layer(name: str, status: str, current: int = 0, total: int = 0) -> dict[str, Any]:
    return {"id": name, "status": status, "progressDetail": {"current": current, "total": total} if total else {}}


def test_a_pull_is_told_in_a_few_lines_however_often_the_engine_speaks() -> None:
    steps = [layer("a", "Downloading", n * 10**6, 100 * 10**6) for n in range(101)]
    lines = told(layer("b", "Already exists"), *steps, layer("a", "Download complete"), layer("a", "Pull complete"))
    assert len(lines) <= 5
    assert lines[-1] == "nginx:1.29: 2 of 2 layers are there, 100 of 100 MB"


def test_an_image_whose_layers_are_there_is_said_once() -> None:
    assert told({"id": "1.29", "status": "Pulling from library/nginx"}, layer("a", "Already exists")) == [
        "nginx:1.29: 1 of 1 layers are there"
    ]
    assert told({"status": "Digest: sha256:00"}, {"status": "Status: Image is up to date"}) == []


def test_figures_are_those_of_docker_stats() -> None:
    figures = {
        "cpu_stats": {"cpu_usage": {"total_usage": 3_000}, "system_cpu_usage": 20_000, "online_cpus": 4},
        "precpu_stats": {"cpu_usage": {"total_usage": 1_000}, "system_cpu_usage": 10_000},
        "memory_stats": {"usage": 500, "limit": 1_000, "stats": {"inactive_file": 100}},
        "networks": {"eth0": {"rx_bytes": 1, "tx_bytes": 2}, "eth1": {"rx_bytes": 10, "tx_bytes": 20}},
        "pids_stats": {"current": 3},
    }
    found = usage_of("box", "one", figures)
    assert (found.cpu, found.memory, found.memory_limit) == (0.8, 400, 1_000)
    assert (found.received, found.sent, found.processes) == (11, 22, 3)


def test_a_container_at_rest_uses_nothing() -> None:
    assert usage_of("box", "one", {}).cpu == 0.0
    assert usage_of("box", "one", {"networks": None, "memory_stats": {}}).memory == 0
