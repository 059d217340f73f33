"""A cluster on machines that someone has: adopted, deployed, and given back with nothing of it running."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clouds.base import MachineWish
from core.clouds.nspawn.provider import NspawnCloud
from core.deployment.identity import host_key, login_key
from core.engine.step import Level
from tests.kubernetes.lab import Lab, document, public_url
from tests.kubernetes.test_1_deployed import fetch
from tests.mirror import store

SUBNET = "10.81.0.0/24"
NAMES = ("one", "two", "three")


def _say(text: str, level: Level = "info") -> None:
    print(level, text)


@pytest.fixture(scope="module")
def owned(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, object]]]:
    """Three machines that the product did not make, as an inventory lists them."""
    home = tmp_path_factory.mktemp("someone")
    cloud = NspawnCloud("someone", home, SUBNET, cache=store.cache() / "product")
    keys = home / "keys"

    async def make() -> dict[str, dict[str, object]]:
        machines = {}
        for name in NAMES:
            public, login = host_key(keys, name), login_key(keys)
            wish = MachineWish("someone", "-", "worker", name, keys / "hosts" / name, login)
            made = await cloud.create(wish, _say)
            machines[name] = _entry(name, str(made.address), public, keys / "login")
        return machines

    yield asyncio.run(make())
    asyncio.run(cloud.remove_all(_say))


def _entry(name: str, address: str, public: str, login: Path) -> dict[str, object]:
    return {"name": name, "address": address, "key_file": str(login), "host_key": public}


def test_a_cluster_on_machines_someone_has(lab: Lab, owned: dict[str, dict[str, object]]) -> None:
    wish = json.loads(
        document(lab.registry, workers={"count": 1, "max": 1}, gateways={"count": 1, "max": 1}, network="flannel")
    )
    wish["environment"] = "owned"
    wish["provider"] = {"kind": "inventory", "machines": list(owned.values())}
    file = lab.home / "owned.yaml"
    file.write_text(json.dumps(wish))
    lab.run("apply", str(file))
    lab.run("deploy", "owned")
    assert "web-" in fetch(public_url(lab.json("endpoints", "owned")))
    assert lab.plan("owned") == []


def test_machines_given_back_run_nothing_of_the_cluster(lab: Lab, owned: dict[str, dict[str, object]]) -> None:
    lab.run("destroy", "owned", "--yes")
    for name, entry in owned.items():
        ports = lab.shell(entry, "ss -Hlnt | awk '{print $4}' | grep -v '^127\\.' | grep -v ':22$' || true")
        assert ports == "", f"{name} still listens: {ports}"
        assert lab.shell(entry, "systemctl is-active kubelet etcd containerd || true").split() == ["inactive"] * 3
        assert lab.shell(entry, "ls -d /etc/kubernetes /etc/etcd /var/lib/etcd/data 2>/dev/null || true") == ""


def test_a_wrong_host_key_is_a_hard_stop(lab: Lab, owned: dict[str, dict[str, object]]) -> None:
    strange = json.loads((lab.home / "owned.yaml").read_text())
    machines = strange["provider"]["machines"]
    machines[0]["host_key"], machines[1]["host_key"] = machines[1]["host_key"], machines[0]["host_key"]
    file = lab.home / "strange.yaml"
    file.write_text(json.dumps(strange | {"environment": "strange"}))
    lab.run("apply", str(file))
    assert "host key" in lab.run("deploy", "strange", code=1)
    lab.run("abandon", "strange")
