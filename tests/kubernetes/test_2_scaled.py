"""Scaling a real cluster up and down: AT-1, AT-2, AT-4, AT-5, and gateways."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from tests.kubernetes.lab import Lab, public_url
from tests.kubernetes.test_1_deployed import eventually, fetch


def _nodes(lab: Lab) -> list[tuple[str, bool]]:
    return [(node["name"], node["ready"]) for node in lab.component("lab", "alpha")["nodes"]]


def _voters(lab: Lab) -> set[str]:
    members = lab.component("lab", "alpha")["etcd"]["members"]
    assert all(member["healthy"] and not member["learner"] for member in members)
    return {member["name"] for member in members}


def _scale(lab: Lab, action: str) -> None:
    started = time.monotonic()
    lab.run("action", "lab/alpha", action)
    print(f"{action}: {time.monotonic() - started:.1f} s")


def test_a_worker_more_is_a_node_and_the_voters_are_five(deployed: Lab) -> None:
    _scale(deployed, "scale-workers-up")
    assert ("kube-4", True) in _nodes(deployed)
    assert _voters(deployed) == {"kube-1", "kube-2", "kube-3", "kube-4", "gateway-1"}
    assert deployed.plan("lab") == []


def test_a_new_node_runs_pods_that_every_machine_can_reach(deployed: Lab, kubeconfig: Path) -> None:
    _run_on(deployed, kubeconfig, "kube-4")
    address = deployed.kubectl(kubeconfig, "get", "pod", "probe", "-o", "jsonpath={.status.podIP}")
    for node in deployed.component("lab", "alpha")["nodes"]:
        assert "probe" in deployed.ssh("lab", node["address"], f"curl -sS --max-time 10 http://{address}/")
    deployed.kubectl(kubeconfig, "delete", "pod", "probe", "--wait=true", "--grace-period=1")


def _run_on(lab: Lab, kubeconfig: Path, node: str) -> None:
    overrides = f'{{"spec":{{"nodeName":"{node}"}}}}'
    lab.kubectl(kubeconfig, "run", "probe", "--image=nginx:1.29", "--restart=Never", f"--overrides={overrides}")
    lab.kubectl(kubeconfig, "wait", "--for=condition=Ready", "pod/probe", "--timeout=90s")


def test_a_leaving_node_is_drained_and_leaves_nothing(deployed: Lab, kubeconfig: Path) -> None:
    """AT-5; the pods are forced onto the leaving node first."""
    for node in ("kube-2", "kube-3"):
        deployed.kubectl(kubeconfig, "cordon", node)
    deployed.kubectl(kubeconfig, "delete", "pods", "-l", "id=web", "--wait=true", "--grace-period=1")
    eventually(lambda: _places(deployed, ready=True) == ["kube-4", "kube-4"], "both replicas on kube-4", 120)
    for node in ("kube-2", "kube-3"):
        deployed.kubectl(kubeconfig, "uncordon", node)

    _scale(deployed, "scale-workers-down")

    assert [name for name, _ in _nodes(deployed)] == ["kube-1", "kube-2", "kube-3", "gateway-1"]
    assert set(_places(deployed, ready=True)) <= {"kube-2", "kube-3"}
    assert "web-" in fetch(public_url(deployed.json("endpoints", "lab")))
    assert _voters(deployed) == {"kube-1", "kube-2", "kube-3"}
    assert "kube-4" not in deployed.kubectl(kubeconfig, "get", "nodes", "-o", "name")
    assert deployed.machines("lab") == {"kube-1", "kube-2", "kube-3", "gateway-1"}
    assert not list((deployed.home / "keys" / "lab" / "clusters" / "alpha").glob("*kube-4*"))
    assert deployed.plan("lab") == []


def _places(lab: Lab, *, ready: bool) -> list[str]:
    replicas = lab.component("lab", "web")["instances"]
    return [replica["node"] for replica in replicas if replica["ready"] or not ready]


def test_a_node_made_again_is_networked(deployed: Lab, kubeconfig: Path) -> None:
    """AT-4: the original never gave such a node its network."""
    _scale(deployed, "scale-workers-up")
    assert ("kube-4", True) in _nodes(deployed)
    _run_on(deployed, kubeconfig, "kube-4")
    deployed.kubectl(kubeconfig, "delete", "pod", "probe", "--wait=true", "--grace-period=1")
    _scale(deployed, "scale-workers-down")
    assert deployed.plan("lab") == []


def test_gateways_come_and_go_with_the_endpoints(deployed: Lab) -> None:
    """AT-3."""
    _scale(deployed, "scale-gateways-up")
    public = {e["address"] for e in deployed.json("endpoints", "lab") if e["scope"] == "public"}
    assert len(public) == 2
    for address in public:
        eventually(partial(_page_at, address), f"the page at {address}", 30)
    _scale(deployed, "scale-gateways-down")
    left = {e["address"] for e in deployed.json("endpoints", "lab") if e["scope"] == "public"}
    assert len(left) == 1
    assert left < public


def _page_at(address: str) -> bool:
    try:
        return "web-" in fetch(f"http://{address}/")
    except OSError:
        return False


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("scale-gateways-down", "at least one gateway must stay"),
        ("scale-pod-down", "at least one replica must stay"),
    ],
)
def test_a_refused_action_says_why_and_changes_nothing(deployed: Lab, action: str, reason: str) -> None:
    """AT-2, at the lower end."""
    target = "lab/web" if "pod" in action else "lab/alpha"
    if "pod" in action:
        deployed.run("action", target, action)
    before = deployed.json("status", "lab")["components"]
    assert reason in deployed.run("action", target, action, code=4)
    after = deployed.json("status", "lab")["components"]
    assert [part["replicas"] for part in after] == [part["replicas"] for part in before]
    if "pod" in action:
        deployed.run("action", target, "scale-pod-up")


def test_the_maximum_is_refused_with_the_number(deployed: Lab) -> None:
    """AT-2, at the upper end."""
    _scale(deployed, "scale-gateways-up")
    assert "maximum of 2 reached" in deployed.run("action", "lab/alpha", "scale-gateways-up", code=4)
    _scale(deployed, "scale-gateways-down")


def test_replicas_are_recreated_and_containers_restarted(deployed: Lab) -> None:
    """AT-15."""
    before = {replica["name"] for replica in deployed.component("lab", "web")["instances"]}
    deployed.run("action", "lab/web", "recreate-pod")
    after = {replica["name"] for replica in deployed.component("lab", "web")["instances"]}
    assert len(after) == 2
    assert not before & after
    deployed.run("action", "lab/web", "restart-containers")
    replicas = deployed.component("lab", "web")["instances"]
    assert {replica["name"] for replica in replicas} == after
    assert [replica["restarts"] for replica in replicas] == [1, 1]


def test_kubectl_drains_a_node(deployed: Lab, kubeconfig: Path) -> None:
    deployed.kubectl(kubeconfig, "drain", "kube-3", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=120s")
    eventually(lambda: _places(deployed, ready=True) == ["kube-2", "kube-2"], "both replicas on kube-2", 120)
    deployed.kubectl(kubeconfig, "uncordon", "kube-3")
