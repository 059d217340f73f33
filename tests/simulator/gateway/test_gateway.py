"""A simulated gateway from its units to its published ports, before an API that serves with real certificates."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.cluster.certificates import GATEWAYS
from core.cluster.gateway import STATUS, gateway_rbac, gateway_state
from core.cluster.pki import Leaf
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.member import Member
from core.simulator.kubernetes.objects import Objects
from core.simulator.machine.machine import Machine
from core.simulator.network.routes import open_pod_network
from tests.simulator.conftest import Maker
from tests.simulator.kubernetes.serving import Served, serving
from tests.simulator.network.test_routes import endpoints, pod, run, service

PORT, OTHER = 18081, 18082


@dataclass
class Site:
    """A gateway with the API that it watches."""

    machine: Machine
    served: Served

    @property
    def objects(self) -> Objects:
        return self.served.objects

    def status(self) -> dict[str, Any]:
        """What the agent says of itself."""
        found: dict[str, Any] = json.loads(self.machine.files.text(STATUS) or "{}")
        return found

    def rows(self) -> dict[int, dict[str, Any]]:
        """What it says of each port."""
        return {row["port"]: row for row in self.status().get("services", ())}

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for something."""
        while not holds():
            await asyncio.sleep(0.02)

    def publish(self, name: str, port: int, address: str, *pods: str) -> None:
        """A web application with a Service that the gateway publishes."""
        for number, each in enumerate(pods):
            run(self.objects, pod(f"{name}-{number}", each, "nginx:1.29", 80, app=name))
        self.objects.create("services", service(name, address, port))
        self.objects.create("endpointslices.discovery.k8s.io", endpoints(name, 80, *pods))


@pytest.fixture
async def site(make: Maker, tmp_path: Path) -> AsyncIterator[Site]:
    machine = await make("gw")
    async with serving(tmp_path) as served:
        ensemble = Ensemble("t", [Member(1, ("https://x:2380",))])
        ensemble.objects = served.objects
        machine.world.ensembles["1"] = ensemble
        _join(served.objects, machine)
        _prepare(machine, served)
        await machine.packages.install("haproxy")
        for unit in ("gondolier-gateway.service", "haproxy.service"):
            assert await machine.units.restart(unit) == []
        found = Site(machine, served)
        await found.until(lambda: found.status().get("api", {}).get("connected"))
        yield found
        await machine.units.stop("gondolier-gateway.service")


def _join(objects: Objects, machine: Machine) -> None:
    address = {"type": "InternalIP", "address": machine.address}
    objects.create("nodes", {"metadata": {"name": machine.name}, "status": {"addresses": [address]}})
    open_pod_network(machine)
    if objects.get("namespaces", "", "default") is None:
        objects.create("namespaces", {"metadata": {"name": "default"}})
    for manifest in gateway_rbac():
        objects.create(f"{manifest['kind'].lower()}s.rbac.authorization.k8s.io", manifest)


def _prepare(machine: Machine, served: Served) -> None:
    served.pki.issue(Leaf("gateway", "ca", "gondolier:gateway:gw", GATEWAYS))
    pair = served.pki.pair("gateway")
    state = gateway_state(
        node="gw",
        server=served.url,
        authority=served.pki.authority("ca"),
        certificate=pair.certificate,
        key=pair.key,
    )
    for file in state.files:
        machine.files.write(file.path, file.content, file.mode)
    machine.files.write("/usr/bin/python3", "simulated python3", 0o755)


async def fetched(site: Site, port: int = PORT) -> str:
    reader, writer = await asyncio.open_connection(site.machine.address, port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    text = await reader.read()
    writer.close()
    return text.decode()


async def test_a_published_service_answers_as_its_pods_in_turn(site: Site) -> None:
    site.publish("web", PORT, "10.96.0.5", "10.244.0.1", "10.244.0.2")
    await site.until(lambda: site.rows().get(PORT, {}).get("state") == "served")
    pages = [await fetched(site) for _ in range(2)]
    assert {name for page in pages for name in ("web-0", "web-1") if name in page} == {"web-0", "web-1"}
    assert site.rows()[PORT]["endpoints"] == 2
    assert f"bind 0.0.0.0:{PORT}" in site.machine.files.text("/etc/haproxy/haproxy.cfg")


async def test_without_a_ready_pod_nothing_listens(site: Site) -> None:
    site.publish("web", PORT, "10.96.0.5")
    await site.until(lambda: site.rows().get(PORT, {}).get("state") == "no endpoints")
    with pytest.raises(ConnectionRefusedError):
        await fetched(site)


async def test_while_the_api_is_away_what_was_served_stays(site: Site) -> None:
    site.publish("web", PORT, "10.96.0.5", "10.244.0.1")
    await site.until(lambda: site.rows().get(PORT, {}).get("state") == "served")
    await site.served.server.stop()
    await site.until(lambda: not site.status()["api"]["connected"])
    assert "web-0" in await fetched(site)
    await site.machine.units.restart("gondolier-gateway.service")
    assert "web-0" in await fetched(site)
    await site.served.server.start()


async def test_a_port_that_another_program_has_is_said_and_takes_no_other_along(site: Site) -> None:
    with socket.create_server((site.machine.address, OTHER)):
        site.publish("taken", OTHER, "10.96.0.6", "10.244.0.2")
        site.publish("web", PORT, "10.96.0.5", "10.244.0.1")
        await site.until(lambda: {row["state"] for row in site.rows().values()} == {"served", "invalid"})
        assert str(OTHER) in site.rows()[OTHER]["message"]
        assert "web-0" in await fetched(site)


async def test_of_two_services_with_one_port_the_older_one_has_it(site: Site) -> None:
    site.publish("web", PORT, "10.96.0.5", "10.244.0.1")
    site.publish("zeta", PORT, "10.96.0.6", "10.244.0.2")
    await site.until(lambda: len(site.status()["services"]) == 2)
    states = {row["name"]: row["state"] for row in site.status()["services"]}
    assert states == {"web": "served", "zeta": "clash"}


async def test_haproxy_that_stops_answers_nobody(site: Site) -> None:
    site.publish("web", PORT, "10.96.0.5", "10.244.0.1")
    await site.until(lambda: site.rows().get(PORT, {}).get("state") == "served")
    await site.machine.units.stop("haproxy.service")
    with pytest.raises(ConnectionRefusedError):
        await fetched(site)
