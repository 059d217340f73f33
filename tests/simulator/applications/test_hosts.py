"""The same applications in one pod, in one cluster and on a Docker host; each test on what the one before left."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from core.deployment.adding import entry_of
from core.model.composition import Order
from tests.simulator.applications.conftest import Applications, first_free
from tests.simulator.applications.documents import CLUSTER, Part, application, document, host, pod, port
from tests.simulator.lab import opened

ADDRESS = ("INFLUXDB_HOST", "INFLUXDB_PORT")


def influxdb(name: str = "influxdb") -> Part:
    return {"name": name, "catalogue": "influxdb"}


def grafana(source: str) -> Part:
    return {"name": "grafana", "catalogue": "grafana", "parameters": {"influxdb": source, "scope": "internal"}}


BOX = host(
    application("one", port(80), volumes={"/data": {"kind": "host-path", "path": "/srv/one"}}),
    application("two", port(80)),
    application("names", port(5353, "cloud"), port(5353, "cloud", "UDP")),
    grafana("metrics/influxdb"),
    influxdb("local"),
    grafana("local") | {"name": "boards"},
)
DOCUMENT = document(
    CLUSTER,
    pod("both", influxdb(), grafana("influxdb")),
    pod("metrics", influxdb()),
    pod("boards", grafana("metrics/influxdb")),
    BOX,
)


async def of_pod(lab: Applications, name: str) -> dict[str, str]:
    """Where the Grafana of a pod looks for its InfluxDB."""
    deployment = await lab.object("apps/v1", "deployments", name)
    assert deployment
    containers = deployment["spec"]["template"]["spec"]["containers"]
    env = next(each for each in containers if each["name"] == "grafana")["env"]
    return {each["name"]: each["value"] for each in env if each["name"] in ADDRESS}


async def of_container(lab: Applications, name: str) -> dict[str, str]:
    """Where the Grafana of a container looks for its InfluxDB."""
    env = dict(line.split("=", 1) for line in (await lab.container(name))["Config"]["Env"])
    return {name: env[name] for name in ADDRESS}


async def test_at_16_in_one_pod_grafana_finds_influxdb_at_its_loopback(lab: Applications) -> None:
    assert await of_pod(lab, "both") == {"INFLUXDB_HOST": "127.0.0.1", "INFLUXDB_PORT": "8086"}


async def test_at_16_in_one_cluster_at_its_internal_address(lab: Applications) -> None:
    internal = await lab.endpoint("metrics", "internal")
    assert await of_pod(lab, "boards") == {"INFLUXDB_HOST": internal.address, "INFLUXDB_PORT": str(internal.port)}


async def test_at_16_from_a_docker_host_at_its_cloud_address(lab: Applications) -> None:
    cloud = await lab.endpoint("metrics", "cloud")
    assert await of_container(lab, "grafana") == {"INFLUXDB_HOST": cloud.address, "INFLUXDB_PORT": str(cloud.port)}


async def test_at_16_on_one_docker_host_at_its_address_on_the_bridge(lab: Applications) -> None:
    inside = await lab.endpoint("box", "host", "local")
    assert inside.address.startswith("172.29.240.")
    assert await of_container(lab, "boards") == {"INFLUXDB_HOST": inside.address, "INFLUXDB_PORT": "8086"}


async def test_credentials_are_shared_and_stand_in_no_manifest(lab: Applications) -> None:
    secret = await lab.object("v1", "secrets", await _secret_of(lab, "boards"))
    token = next((lab.home / "keys").rglob("metrics/influxdb/DOCKER_INFLUXDB_INIT_ADMIN_TOKEN")).read_text()
    assert secret and "INFLUXDB_TOKEN" in secret["data"]
    env = (await lab.container("grafana"))["Config"]["Env"]
    assert f"INFLUXDB_TOKEN={token}" in env
    stored = b"".join(path.read_bytes() for path in lab.home.glob("gondolier.db*"))
    assert token.encode() not in stored


async def _secret_of(lab: Applications, name: str) -> str:
    deployment = await lab.object("apps/v1", "deployments", name)
    assert deployment
    env = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    found: Any = next(each for each in env if each["name"] == "INFLUXDB_TOKEN")
    return str(found["valueFrom"]["secretKeyRef"]["name"])


async def test_at_18_two_that_want_80_both_answer_the_second_on_the_next_free_port(lab: Applications) -> None:
    first, second = await lab.endpoint("box", "public", "one"), await lab.endpoint("box", "public", "two")
    one = first_free(80)
    assert (first.port, second.port) == (one, first_free(80, one))
    for each in (first, second):
        assert (await asyncio.to_thread(opened, each))[0] == 200


async def test_at_18_datagrams_are_mapped_beside_tcp_and_the_volume_is_mounted(lab: Applications) -> None:
    shown = await lab.container("names")
    assert set(shown["HostConfig"]["PortBindings"]) == {"5353/tcp", "5353/udp"}
    place = next(
        each for each in await lab.endpoints("box", "names") if each.protocol == "UDP" and each.scope == "cloud"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect((place.address, place.port))
        client.send(b"are you there")
        assert await asyncio.to_thread(client.recv, 512)
    mounts = (await lab.container("one"))["HostConfig"]
    assert "/srv/one:/data" in mounts["Binds"]


async def test_at_17_guestbook_is_three_pods_behind_one_page_and_a_second_deploy_does_nothing(
    lab: Applications,
) -> None:
    await lab.console.add("lab", Order(entry_of("guestbook"), "book", cluster="alpha"))
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    pods = {name: await lab.component(f"book-{name}") for name in ("redis-master", "redis-slave", "frontend")}
    assert {name: each.ready_replicas for name, each in pods.items()} == {
        "redis-master": 1,
        "redis-slave": 2,
        "frontend": 3,
    }
    public = await lab.endpoint("book-frontend", "public")
    assert public.port == first_free(80)
    assert (await asyncio.to_thread(opened, public))[0] == 200
    assert any(text == f"GuestBook page frontend: http://{public.address}:{public.port}/" for text in lab.report.texts)

    assert await lab.plan() == []
    again = await lab.deploy()
    assert again.good and "done" not in again.message.removeprefix("done:"), again.message
