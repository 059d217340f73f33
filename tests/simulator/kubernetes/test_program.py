"""The kube-apiserver unit of a simulated control plane, reached by the product's own client."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from core.cluster.pki import Leaf, Pki
from core.engine.errors import Unreachable
from core.kube.access import Cluster
from core.kube.problems import Busy
from core.simulator.etcd.clusters import cluster_at
from core.simulator.machine.machine import Machine
from core.simulator.world import World
from tests.simulator.conftest import Maker
from tests.simulator.etcd.machines import prepare, template

UNIT = "kube-apiserver.service"
_PKI = "/etc/kubernetes/pki"


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """A cluster's authorities, with the certificates that need no machine."""
    found = Pki(tmp_path / "pki")
    for name in ("ca", "etcd-ca", "front-proxy-ca"):
        found.make_authority(name, name)
    found.make_signing_pair("sa")
    for leaf in (
        Leaf("admin", "ca", "admin", "system:masters"),
        Leaf("apiserver-kubelet-client", "ca", "kubelet-client"),
        Leaf("front-proxy-client", "front-proxy-ca", "front-proxy-client"),
    ):
        found.issue(leaf)
    return found


@pytest.fixture
async def control_plane(make: Maker, pki: Pki) -> Machine:
    """A machine with etcd running and everything in place for the API server."""
    machine = await make("cp")
    prepare(machine, {"cp": machine})
    pki.issue(Leaf("apiserver", "ca", "kube-apiserver", uses=("server",), names=(machine.address, "127.0.0.1")))
    for name in ("ca", "front-proxy-ca"):
        machine.files.write(f"{_PKI}/{name}.crt", pki.authority(name))
    for name in ("apiserver", "apiserver-kubelet-client", "front-proxy-client"):
        machine.files.write(f"{_PKI}/{name}.crt", pki.pair(name).certificate)
        machine.files.write(f"{_PKI}/{name}.key", pki.pair(name).key, 0o600)
    for end in ("pub", "key"):
        machine.files.write(f"{_PKI}/sa.{end}", (pki.directory / f"sa.{end}").read_bytes())
    machine.files.write(f"{_PKI}/encryption.yaml", b"kind: EncryptionConfiguration\n")
    etcd = machine.files.read("/etc/kubernetes/network/etcd-client.crt") or b""
    machine.files.write(f"{_PKI}/apiserver-etcd-client.crt", etcd)
    machine.files.write(f"{_PKI}/apiserver-etcd-client.key", b"")
    machine.files.write("/usr/local/bin/kube-apiserver", b"\nkube-apiserver 1.35.7 amd64: stands in\n", 0o755)
    unit = template("kube-apiserver.service").replace("{{ node.address }}", machine.address)
    unit = unit.replace("{{ cluster.dns_domain }}", "cluster.local").replace(
        "{{ cluster.service_cidr }}", "10.96.0.0/16"
    )
    machine.files.write(f"/etc/systemd/system/{UNIT}", unit)
    assert await machine.units.start("etcd.service") == []
    return machine


def client(machine: Machine, pki: Pki) -> Cluster:
    """The product's client as an administrator."""
    pair = pki.pair("admin")
    texts = [base64.b64encode(each).decode() for each in (pki.authority("ca"), pair.certificate, pair.key)]
    server = {"server": f"https://{machine.address}:6443", "certificate-authority-data": texts[0]}
    keys = {"client-certificate-data": texts[1], "client-key-data": texts[2]}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
        "clusters": [{"name": "c", "cluster": server}],
        "users": [{"name": "c", "user": keys}],
    }
    return Cluster(config, "alpha", timeout=5)


async def test_the_unit_serves_with_the_machines_certificates(control_plane: Machine, pki: Pki) -> None:
    assert await control_plane.units.start(UNIT) == []
    async with client(control_plane, pki) as cluster:
        assert await cluster.fetch("/readyz") == b"ok"
        version = await cluster.get("/version")
        assert version is not None and version["gitVersion"] == "v1.35.7"
        endpoints = await cluster.get("/api/v1/namespaces/default/endpoints/kubernetes")
        assert endpoints is not None
        assert endpoints["subsets"][0]["addresses"] == [{"ip": control_plane.address}]
    assert await control_plane.units.stop(UNIT) == []
    async with client(control_plane, pki) as cluster:
        with pytest.raises(Unreachable):
            await cluster.fetch("/readyz")


async def test_without_a_certificate_it_does_not_start(control_plane: Machine) -> None:
    control_plane.files.remove(f"{_PKI}/apiserver.key")
    assert await control_plane.units.start(UNIT)
    said = "\n".join(map(str, control_plane.journal.lines(UNIT)))
    assert f"open {_PKI}/apiserver.key: no such file or directory" in said
    await control_plane.units.stop(UNIT)


async def test_without_a_quorum_it_answers_with_errors(world: World, control_plane: Machine, pki: Pki) -> None:
    await control_plane.units.start(UNIT)
    async with client(control_plane, pki) as cluster:
        assert await cluster.get("/api/v1/namespaces/default") is not None
        world.faults.inject("etcd-member-down", "env", "cp")
        with pytest.raises(Busy, match="etcdserver: request timed out"):
            await cluster.get("/api/v1/namespaces/default")
        with pytest.raises(Busy, match="etcd failed"):
            await cluster.fetch("/readyz")
        world.faults.clear()
        assert await cluster.fetch("/readyz") == b"ok"


async def test_a_fault_keeps_the_api_away(world: World, control_plane: Machine, pki: Pki) -> None:
    await control_plane.units.start(UNIT)
    world.faults.inject("api-away", "env", "cp")
    async with client(control_plane, pki) as cluster:
        with pytest.raises(Unreachable):
            while True:
                await cluster.fetch("/readyz")
                await asyncio.sleep(0.02)
        assert control_plane.units.active(UNIT)
        world.faults.clear()
        while True:
            try:
                assert await cluster.fetch("/readyz") == b"ok"
                break
            except Unreachable:
                await asyncio.sleep(0.02)


async def test_objects_outlive_the_server(world: World, control_plane: Machine, pki: Pki) -> None:
    await control_plane.units.start(UNIT)
    async with client(control_plane, pki) as cluster:
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kept"}, "data": {"a": "b"}}
        await cluster.apply(body)
        await control_plane.units.restart(UNIT)
    async with client(control_plane, pki) as cluster:
        found = await cluster.get("/api/v1/namespaces/default/configmaps/kept")
        assert found is not None and found["data"] == {"a": "b"}
    ensemble = cluster_at(world, control_plane)
    assert ensemble is not None and ensemble.objects.get("configmaps", "default", "kept") is not None
