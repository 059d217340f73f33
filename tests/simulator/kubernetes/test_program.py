"""The kube-apiserver unit of a simulated control plane, reached by the product's own client."""

from __future__ import annotations

import asyncio

import pytest

from core.cluster.pki import Pki
from core.engine.errors import Unreachable
from core.kube.problems import Busy
from core.simulator.etcd.clusters import cluster_at
from core.simulator.machine.machine import Machine
from core.simulator.world import World
from tests.simulator.kubernetes.control_plane import PKI, UNIT, client


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
    control_plane.files.remove(f"{PKI}/apiserver.key")
    assert await control_plane.units.start(UNIT)
    said = "\n".join(map(str, control_plane.journal.lines(UNIT)))
    assert f"open {PKI}/apiserver.key: no such file or directory" in said
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
