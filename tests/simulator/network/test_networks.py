"""Calico and Flannel on simulated machines, asked as the product asks them."""

from __future__ import annotations

import asyncio
import json

import pytest

from core.cluster.calico import CONTROLLERS
from core.cluster.departure import CALICO_NODES
from core.cluster.etcd import etcdctl
from core.cluster.etcd_access import _missing
from core.cluster.network import network_trouble
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.simulator.machine.machine import Machine
from core.simulator.network.calico import forget, register
from core.simulator.network.store import Access, NoAddresses, Store
from tests.simulator.conftest import Maker
from tests.simulator.etcd.machines import prepare, prepare_calico, prepare_flannel

_FOLDER = "/etc/kubernetes/network"


@pytest.fixture
async def voter(make: Maker, connections: Connections) -> Connection:
    """The connection to machine "a", whose etcd runs."""
    machine = await make("a")
    prepare(machine, {"a": machine})
    machine.files.write("/usr/local/bin/calicoctl", "simulated calicoctl", 0o755)
    assert await machine.units.start("etcd.service") == []
    return await connections.get("a")


def endpoints(machine: Machine) -> str:
    return f"https://{machine.address}:2379"


async def settled(connection: Connection) -> None:
    while await network_trouble(connection):
        await asyncio.sleep(0.02)


async def test_calico_is_ready_when_it_is_in_its_store_and_is_forgotten(voter: Connection, make: Maker) -> None:
    machine = await make("a")
    for command in await _missing(voter, "/calico/"):
        await etcdctl(voter, command)
    prepare_calico(machine, endpoints(machine))
    assert "calico-node is" in await network_trouble(voter)
    assert await machine.units.start("calico-node.service") == []
    await settled(voter)
    assert (await etcdctl(voter, f"get --keys-only {CALICO_NODES}a")).split() == [f"{CALICO_NODES}a"]
    assert "10.244.0.0-26" in await etcdctl(voter, "get --keys-only --prefix /calico/ipam/")
    await voter.run(f"{_ctl(machine)} delete node a --skip-not-exists")
    assert (await etcdctl(voter, "get --keys-only --prefix /calico/")).split() == []
    await voter.run(f"{_ctl(machine)} delete node a --skip-not-exists")


async def test_calicos_settings_are_applied_and_read(voter: Connection, make: Maker) -> None:
    command = f"{_ctl(await make('a'))}"
    asked = await voter.run(f"{command} get kubecontrollersconfiguration default -o json", check=False)
    assert asked.status == 1
    await voter.run(f"{command} apply -f -", stdin=json.dumps(CONTROLLERS))
    asked = await voter.run(f"{command} get kubecontrollersconfiguration default -o json")
    assert json.loads(asked.stdout)["spec"] == CONTROLLERS["spec"]


async def test_flannel_waits_for_its_configuration(voter: Connection, make: Maker) -> None:
    machine = await make("a")
    prepare_flannel(machine, endpoints(machine))
    assert await machine.units.start("flanneld.service") == []
    assert await network_trouble(voter) == "flanneld has no subnet yet"
    await etcdctl(voter, """put /coreos.com/network/config '{"Network": "10.244.0.0/16"}'""")
    await settled(voter)
    text = machine.files.text("/run/flannel/subnet.env")
    assert "FLANNEL_SUBNET=10.244.1.1/24" in text
    await machine.units.restart("flanneld.service")
    await settled(voter)
    assert machine.files.text("/run/flannel/subnet.env") == text


def _ctl(machine: Machine) -> str:
    return (
        f"DATASTORE_TYPE=etcdv3 ETCD_ENDPOINTS={endpoints(machine)} ETCD_CA_CERT_FILE={_FOLDER}/etcd-ca.crt "
        f"ETCD_CERT_FILE={_FOLDER}/etcd-client.crt ETCD_KEY_FILE={_FOLDER}/etcd-client.key /usr/local/bin/calicoctl"
    )


async def test_calico_takes_no_block_where_none_is_left(voter: Connection, make: Maker) -> None:
    machine = await make("a")
    store = Store.open(
        machine.world,
        machine,
        Access(endpoints(machine), f"{_FOLDER}/etcd-ca.crt", f"{_FOLDER}/etcd-client.crt", ""),
    )
    assert register(store, "one", "127.0.0.1", "10.244.0.0/25") == "10.244.0.0/26"
    assert register(store, "two", "127.0.0.1", "10.244.0.0/25") == "10.244.0.64/26"
    assert register(store, "one", "127.0.0.1", "10.244.0.0/25") == "10.244.0.0/26"
    with pytest.raises(NoAddresses):
        register(store, "three", "127.0.0.1", "10.244.0.0/25")
    assert forget(store, "two")
    assert register(store, "three", "127.0.0.1", "10.244.0.0/25") == "10.244.0.64/26"
