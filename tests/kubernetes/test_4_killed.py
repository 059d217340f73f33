"""A deploying process that is killed: the next run converges, and the one after plans nothing. Over Flannel."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable

import pytest

from core.clouds.nspawn.provider import NspawnCloud
from core.engine.step import Level
from tests.kubernetes.lab import Lab, document


@pytest.fixture(scope="module")
def mini(lab: Lab) -> Lab:
    """A second environment, declared and not deployed: 1 + 1 + 1 machines over Flannel, three etcd members."""
    wish = json.loads(
        document(
            lab.registry,
            name="beta",
            network="flannel",
            workers={"count": 1, "max": 2},
            gateways={"count": 1, "max": 1},
        )
    )
    wish["environment"] = "mini"
    wish["provider"]["subnet"] = "10.79.0.0/24"
    wish["components"][1] |= {"cluster": "beta", "replicas": 1}
    file = lab.home / "mini.yaml"
    file.write_text(json.dumps(wish))
    lab.run("apply", str(file))
    return lab


def _kill_when(lab: Lab, arguments: tuple[str, ...], seen: Callable[[str], bool]) -> None:
    """Start a run and kill it, with SIGKILL, as soon as its report says what is waited for."""
    process = lab.start(*arguments)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if seen(line):
            break
    process.kill()
    process.wait(20)
    assert lines and seen(lines[-1]), f"the run ended by itself:\n{''.join(lines[-20:])}"


def test_killed_in_the_bootstrap_of_etcd(mini: Lab) -> None:
    _kill_when(mini, ("deploy", "mini"), lambda line: "bootstrapping with" in line)
    assert mini.json("status", "mini")["status"] == "deploy failure"


def test_killed_while_the_control_plane_is_set_up(mini: Lab) -> None:
    _kill_when(mini, ("deploy", "mini"), lambda line: "kube-apiserver.service" in line)


def test_the_next_run_converges_and_the_one_after_plans_nothing(mini: Lab) -> None:
    mini.run("deploy", "mini")
    beta = mini.component("mini", "beta")
    assert {member["name"] for member in beta["etcd"]["members"]} == {"kube-1", "kube-2", "gateway-1"}
    assert all(condition["status"] == "True" for condition in beta["conditions"])
    assert mini.plan("mini") == []


def test_killed_while_a_worker_leaves(mini: Lab) -> None:
    mini.run("action", "mini/beta", "scale-workers-up")
    assert mini.plan("mini") == []
    _kill_when(mini, ("action", "mini/beta", "scale-workers-down"), lambda line: "draining kube-3" in line)
    mini.run("deploy", "mini")
    beta = mini.component("mini", "beta")
    assert [node["name"] for node in beta["nodes"]] == ["kube-1", "kube-2", "gateway-1"]
    assert {member["name"] for member in beta["etcd"]["members"]} == {"kube-1", "kube-2", "gateway-1"}
    assert mini.machines("mini") == {"kube-1", "kube-2", "gateway-1"}
    assert mini.plan("mini") == []


def test_a_machine_that_dies_is_made_again_and_joins_again(mini: Lab) -> None:
    """Its etcd member is removed before the new one comes: a dead member must never count twice."""
    _lose(mini, "kube-2")
    assert any(step["phase"] == "create" for step in mini.plan("mini"))
    mini.run("deploy", "mini")
    beta = mini.component("mini", "beta")
    assert all(condition["status"] == "True" for condition in beta["conditions"])
    assert mini.plan("mini") == []


def test_a_control_plane_that_dies_comes_back_with_its_state(mini: Lab) -> None:
    """The other voters have the state; what ran goes on running."""
    before = [(replica["name"], replica["node"]) for replica in mini.component("mini", "web")["instances"]]
    _lose(mini, "kube-1")
    mini.run("deploy", "mini")
    beta = mini.component("mini", "beta")
    assert {member["name"] for member in beta["etcd"]["members"]} == {"kube-1", "kube-2", "gateway-1"}
    assert all(condition["status"] == "True" for condition in beta["conditions"])
    assert [(replica["name"], replica["node"]) for replica in mini.component("mini", "web")["instances"]] == before
    assert mini.plan("mini") == []


def _lose(lab: Lab, name: str) -> None:
    """Take a machine away behind the product's back, as a cloud that lost it would."""
    cloud = NspawnCloud("mini", lab.home, "10.79.0.0/24")

    def say(text: str, level: Level = "info") -> None:
        print(level, text)

    asyncio.run(cloud.delete(name, say))


def test_a_second_run_is_refused_while_one_goes_on(mini: Lab) -> None:
    first = mini.start("action", "mini/web", "recreate-pod")
    assert first.stdout is not None
    assert "started" in first.stdout.readline()
    # It may be over before another process has even begun: it is held up meanwhile.
    os.kill(first.pid, signal.SIGSTOP)
    try:
        refused = mini.run("deploy", "mini", code=4)
    finally:
        os.kill(first.pid, signal.SIGCONT)
    assert str(first.pid) in refused
    first.communicate(timeout=180)
    assert first.returncode == 0
