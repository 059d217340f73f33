"""Pods and Services as a machine of the cluster reaches them, through the product's own connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.cluster.dns import ask_dns
from core.engine.errors import Unreachable
from core.machines.connection import Connection
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.member import Member
from core.simulator.gateway.datagrams import Datagrams
from core.simulator.kubernetes.objects import Objects
from core.simulator.machine.machine import Machine
from core.simulator.network.routes import ServiceRoute, open_pod_network
from core.simulator.programs.base import Context


def pod(name: str, address: str, image: str, port: int, *, protocol: str = "TCP", app: str = "app") -> dict[str, Any]:
    ports = [{"containerPort": port, "protocol": protocol}]
    return {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [{"name": app, "image": image, "ports": ports}]},
        "status": {"podIP": address, "phase": "Running"},
    }


def service(name: str, address: str, port: int, namespace: str = "default") -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"clusterIP": address, "ports": [{"port": port}]},
    }


def endpoints(name: str, port: int, *addresses: str) -> dict[str, Any]:
    return {
        "metadata": {
            "name": f"{name}-x",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": name},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [each], "conditions": {"ready": True}} for each in addresses],
        "ports": [{"port": port, "name": "", "protocol": "TCP"}],
    }


@pytest.fixture
def objects(machine: Machine) -> Objects:
    """The objects of a cluster whose node the machine is."""
    ensemble = Ensemble("t", [Member(1, ("https://x:2380",))])
    machine.world.ensembles["1"] = ensemble
    found = ensemble.objects
    found.create(
        "nodes",
        {
            "metadata": {"name": machine.name},
            "status": {"addresses": [{"type": "InternalIP", "address": machine.address}]},
        },
    )
    for namespace in ("default", "kube-system"):
        found.create("namespaces", {"metadata": {"name": namespace}})
    open_pod_network(machine)
    machine.ports.add_route(ServiceRoute(machine))
    return found


def run(objects: Objects, manifest: dict[str, Any]) -> None:
    """Create a pod that runs."""
    made = objects.create("pods", manifest)
    objects.update_status("pods", "default", made["metadata"]["name"], manifest["status"])


async def said(link: Connection, host: str, port: int, words: bytes) -> str:
    async with link.tcp(host, port, timeout=5) as (reader, writer):
        writer.write(words)
        return (await reader.readuntil(b"\n")).decode() if not words.startswith(b"GET") else (await _all(reader))


async def _all(reader: Any) -> str:
    text = b""
    while piece := await reader.read(4096):
        text += piece
    return text.decode()


async def test_a_service_leads_to_its_pods_in_turn(objects: Objects, link: Connection) -> None:
    for number in (1, 2):
        run(objects, pod(f"web-{number}", f"10.244.0.{number}", "docker.io/library/nginx:1.27", 80, app="web"))
    objects.create("services", service("web", "10.96.0.5", 8080))
    objects.create("endpointslices.discovery.k8s.io", endpoints("web", 80, "10.244.0.1", "10.244.0.2"))
    pages = [await said(link, "10.96.0.5", 8080, b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n") for _ in range(2)]
    assert all("200 OK" in page and "simulated" in page and "nginx:1.27" in page for page in pages)
    assert sorted(name for page in pages for name in ("web-1", "web-2") if name in page) == ["web-1", "web-2"]


async def test_redis_answers_redis_and_others_echo(objects: Objects, link: Connection) -> None:
    run(objects, pod("db", "10.244.0.1", "redis:7", 6379))
    run(objects, pod("word", "10.244.0.2", "example/echo:1", 7, app="echo"))
    assert await said(link, "10.244.0.1", 6379, b"*1\r\n$4\r\nPING\r\n") == "+PONG\r\n"
    assert await said(link, "10.244.0.1", 6379, b"PING\r\n") == "+PONG\r\n"
    assert await said(link, "10.244.0.2", 7, b"hello\n") == "echo word example/echo:1 (simulated)\r\n"


async def test_nobody_listens_where_no_pod_does(objects: Objects, link: Connection) -> None:
    run(objects, pod("db", "10.244.0.1", "redis:7", 6379))
    for host, port in (("10.244.0.1", 80), ("10.244.0.9", 6379), ("10.96.0.5", 80)):
        with pytest.raises(Unreachable):
            await said(link, host, port, b"\n")


async def test_a_service_may_lead_to_a_machine(objects: Objects, machine: Machine, link: Connection) -> None:
    async def serve(reader: Any, writer: Any) -> None:
        assert await reader.readline() == b"\n"
        writer.write(b"the API\n")

    machine.ports.listen(6443, serve)
    objects.create("services", service("kubernetes", "10.96.0.1", 443))
    objects.create("endpointslices.discovery.k8s.io", endpoints("kubernetes", 6443, machine.address))
    assert await said(link, "10.96.0.1", 443, b"\n") == "the API\n"


async def test_the_clusters_dns_knows_its_services(objects: Objects, link: Connection) -> None:
    run(objects, pod("dns", "10.244.0.53", "registry.k8s.io/coredns/coredns:v1.14.2", 53))
    corefile = ".:53 {\n    kubernetes lab.local in-addr.arpa {\n    }\n}\n"
    objects.create(
        "configmaps", {"metadata": {"name": "coredns", "namespace": "kube-system"}, "data": {"Corefile": corefile}}
    )
    objects.create("services", service("kubernetes", "10.96.0.1", 443))
    objects.create("services", service("kube-dns", "10.96.0.10", 53))
    objects.create("services", service("db", "None", 6379))
    objects.create("endpointslices.discovery.k8s.io", endpoints("kube-dns", 53, "10.244.0.53"))
    objects.create("endpointslices.discovery.k8s.io", endpoints("db", 6379, "10.244.0.7", "10.244.0.8"))
    assert await ask_dns(link, "10.96.0.10", "kubernetes.default.svc.lab.local") == ["10.96.0.1"]
    assert sorted(await ask_dns(link, "10.96.0.10", "db.default.svc.lab.local")) == ["10.244.0.7", "10.244.0.8"]
    for unknown in ("kubernetes.default.svc.cluster.local", "nobody.default.svc.lab.local", "example.org"):
        assert await ask_dns(link, "10.96.0.10", unknown) == []


async def test_a_published_datagram_port_answers_as_a_pod(objects: Objects, machine: Machine) -> None:
    run(objects, pod("log", "10.244.0.1", "example/log:1", 514, protocol="UDP", app="syslog"))
    datagrams = Datagrams(Context(machine, machine.world, "gondolier-gateway.service", ("gateway.py",)))
    assert await datagrams.adjust({5514: (("10.244.0.1", 514),)}) == set()
    received: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    class Client(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            received.set_result(data)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        Client, remote_addr=(machine.address, 5514)
    )
    transport.sendto(b"hello")
    assert await received == b"syslog log example/log:1 (simulated)\r\nhello"
    transport.close()
    datagrams.close()
