"""The whole path: one document, servers of a real Nova, machines at their ports' addresses, Kubernetes nodes Ready.

The hook lets each server be a systemd-nspawn machine; the workers have no floating address and are reached through
the gateway, the API at the control plane's floating address.
"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kubernetes import lab as kubernetes
from tests.kubernetes.lab import Lab, Wire, document, public_url, registry_running
from tests.mirror import store
from tests.openstack.documents import PROVIDER
from tests.openstack.hook import CHAIN, FILE, Orders, close_chain, open_chain, read_orders, say
from tests.openstack.inventory import inventory
from tests.openstack.testbed.services import Testbed

SUBNET = "10.76.0.0/24"
NAME = "whole"
WIRE = Wire("openstack-registry", "osreg0", "osreg1", "10.78.1.1", "10.78.1.2")


@pytest.fixture(scope="module")
def lab(bed: Testbed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A home, a registry, and the hook's orders; nothing of any of it is left at the end."""
    if reason := kubernetes.obstacle():
        pytest.skip(reason)
    home, machines = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("machines")
    before = inventory(bed.place.clouds)
    with registry_running(WIRE) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(bed.place.clouds))
        found = Lab(home, url)
        found.configure()
        Orders(NAME, str(machines), SUBNET, str(store.cache() / "product/artifacts")).write(bed.place.root)
        open_chain()
        try:
            yield found
            for entry in found.json("environments"):
                found.run("destroy", entry["environment"], "--yes", code=None)
        finally:
            _clean(bed)
    assert inventory(bed.place.clouds) == before


def _clean(bed: Testbed) -> None:
    """Machines that a failed test left, their bridge, and the rules for floating addresses."""
    import asyncio

    orders = read_orders(bed.place.root)
    if orders is not None:
        asyncio.run(orders.cloud().remove_all(say))
    (bed.place.root / FILE).unlink(missing_ok=True)
    close_chain()


@pytest.fixture(scope="module")
def deployed(lab: Lab) -> Lab:
    """The README's document with one worker, and a Docker host beside the cluster, on OpenStack."""
    wish = json.loads(
        document(lab.registry, workers={"count": 1, "max": 2, "floating_ip": False}, gateways={"count": 1, "max": 1})
    )
    wish["environment"] = NAME
    wish["provider"] = PROVIDER | {"access": ["10.76.0.1/32"], "subnet": SUBNET}
    wish["components"][1]["replicas"] = 1
    page = {"name": "page", "image": "nginx:1.29", "ports": [{"port": 80, "scope": "public"}]}
    box = {"kind": "DockerStandaloneHost", "name": "box", "registry": {"mirror": lab.registry}, "applications": [page]}
    wish["components"].append(box)
    file = lab.home / "whole.json"
    file.write_text(json.dumps(wish))
    lab.run("apply", str(file))
    started = time.monotonic()
    lab.run("deploy", NAME)
    print(f"deployed in {time.monotonic() - started:.1f} s, servers included")
    return lab


def _rules(bed: Testbed, role: str, component: str = "alpha") -> set[str]:
    head = f"{NAME}-{component}-{role}-"
    groups = [one for one in bed.connect().network.security_groups() if one.name.startswith(head)]
    return {
        f"{rule['protocol']} {rule['port_range_min']} from {rule['remote_ip_prefix']}"
        for rule in groups[0].security_group_rules
        if rule["direction"] == "ingress" and rule["remote_ip_prefix"]
    }


def test_nodes_are_ready_and_every_condition_holds(deployed: Lab) -> None:
    status = deployed.json("status", NAME)
    assert (status["status"], status["provider"], status["simulated"]) == ("ready", "openstack", False)
    conditions = {
        f"{part['name']} {one['type']}": one["status"] for part in status["components"] for one in part["conditions"]
    }
    assert set(conditions.values()) == {"True"}, conditions
    nodes = [(node["name"], node["ready"]) for node in deployed.component(NAME, "alpha")["nodes"]]
    assert nodes == [("kube-1", True), ("kube-2", True), ("gateway-1", True)]


def test_the_application_answers_at_the_gateways_floating_address(deployed: Lab, bed: Testbed) -> None:
    url = public_url([row for row in deployed.json("endpoints", NAME) if row["component"] == "web"])
    assert "/10.88.0." in url
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert "web-" in answer.read().decode()
    assert "tcp 80 from 0.0.0.0/0" in _rules(bed, "gateway")
    assert not any(rule.startswith("tcp 80 ") for rule in _rules(bed, "worker"))


def test_a_docker_host_gets_its_machine_the_same_way(deployed: Lab, bed: Testbed) -> None:
    rows = deployed.json("endpoints", NAME)
    (row,) = [one for one in rows if one["component"] == "box" and one["scope"] == "public"]
    assert row["address"].startswith("10.88.0.")
    with urllib.request.urlopen(f"http://{row['address']}:{row['port']}/", timeout=20) as answer:
        assert "nginx" in answer.read().decode()
    assert _rules(bed, "docker-host", "box") == {
        "tcp 22 from 10.76.0.1/32", f"tcp 22 from {SUBNET}", "tcp 80 from 0.0.0.0/0",
    }  # fmt: skip


def test_the_operators_kubeconfig_is_good_at_the_floating_address(deployed: Lab) -> None:
    kubeconfig = deployed.home / "kubeconfig"
    kubeconfig.touch(mode=0o600)
    kubeconfig.write_text(deployed.run("kubeconfig", f"{NAME}/alpha"))
    assert "https://10.88.0." in kubeconfig.read_text()
    assert "kube-2" in deployed.kubectl(kubeconfig, "get", "nodes", "-o", "name")


def test_a_machine_knows_who_it_is(deployed: Lab) -> None:
    address = deployed.component(NAME, "alpha")["nodes"][1]["address"]
    said: dict[str, Any] = json.loads(deployed.ssh(NAME, address, "cat /etc/gondolier/identity.json"))
    assert (said["environment"], said["machine"], said["role"]) == (NAME, "kube-2", "worker")


def test_a_second_plan_finds_nothing(deployed: Lab) -> None:
    assert deployed.plan(NAME) == []


def test_a_port_that_is_no_longer_public_is_closed(deployed: Lab, bed: Testbed) -> None:
    wish = json.loads((deployed.home / "whole.json").read_text())
    wish["components"][1]["applications"][0]["ports"][0]["scope"] = "cloud"
    file = deployed.home / "narrower.json"
    file.write_text(json.dumps(wish))
    deployed.run("apply", str(file))
    report = deployed.run("deploy", NAME)
    assert "lets in no more tcp 80 from 0.0.0.0/0" in report
    assert {rule for rule in _rules(bed, "gateway") if rule.startswith("tcp 80 ")} == {f"tcp 80 from {SUBNET}"}


def test_a_worker_more_and_a_worker_less(deployed: Lab, bed: Testbed) -> None:
    deployed.run("action", f"{NAME}/alpha", "scale-workers-up")
    assert [node["ready"] for node in deployed.component(NAME, "alpha")["nodes"]] == [True] * 4
    deployed.run("action", f"{NAME}/alpha", "scale-workers-down")
    servers = [one.metadata["gondolier-machine"] for one in bed.connect().compute.servers()]
    assert sorted(servers) == ["box", "gateway-1", "kube-1", "kube-2"]
    assert deployed.plan(NAME) == []


def test_destroy_leaves_nothing_in_the_project_nor_on_the_box(deployed: Lab, bed: Testbed) -> None:
    deployed.run("destroy", NAME, "--yes")
    assert deployed.json("environments") == []
    assert list(bed.connect().compute.servers()) == []
    orders = read_orders(bed.place.root)
    assert orders is not None
    assert list(Path(orders.home).glob("server-*")) == []
    rules = subprocess.run(["iptables-save", "-t", "nat"], capture_output=True, text=True, check=True).stdout
    assert f"-A {CHAIN} -d" not in rules
