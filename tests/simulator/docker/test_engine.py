"""The simulated Docker engine, spoken to by aiodocker over a socket that SSH forwards."""

from __future__ import annotations

import asyncio
import io
import socket
import tarfile
from typing import Any

import pytest
from aiodocker import Docker, DockerError

from core.machines.connections import Connections
from core.simulator.machine.machine import Machine
from core.simulator.programs.docker import engine_of
from core.simulator.world import World
from tests.simulator.docker.conftest import Runner

PORT = 18080


async def test_it_says_that_it_is_simulated(docker: Docker) -> None:
    assert (await docker.version())["ApiVersion"] == "1.45"
    told = await docker.system.info()
    assert told["Name"] == "docker"
    assert "simulated" in told["OperatingSystem"]


async def test_an_image_is_pulled_with_progress_listed_and_removed(docker: Docker) -> None:
    told = [line["status"] async for line in docker.images.pull("nginx:1.29", stream=True)]
    assert told[0] == "Pulling from library/nginx"
    assert told.count("Pull complete") == 3
    assert told[-1] == "Status: Downloaded newer image for nginx:1.29"
    assert (await docker.images.inspect("docker.io/library/nginx:1.29"))["RepoTags"] == ["nginx:1.29"]
    again = await docker.images.pull("nginx:1.29")
    assert again[-1]["status"] == "Status: Image is up to date for nginx:1.29"
    await docker.images.tag("nginx:1.29", "registry.example.org/mine", tag="7")
    assert [each["Untagged"] for each in await docker.images.delete("nginx:1.29")] == ["nginx:1.29"]
    assert [image["RepoTags"] for image in await docker.images.list()] == [["registry.example.org/mine:7"]]


@pytest.mark.parametrize(
    ("image", "status", "words"),
    [
        ("nginx:no-such-tag", 404, "manifest for nginx:no-such-tag not found"),
        ("no-such-image:1", 404, "pull access denied for no-such-image"),
        ("no-such-host.example.org/web:1", 500, "no such host"),
        ("Not/An:Image:x", 400, "invalid reference format"),
    ],
)
async def test_an_image_that_cannot_be_had_is_refused_as_by_docker(
    docker: Docker, image: str, status: int, words: str
) -> None:
    with pytest.raises(DockerError, match=words) as refusal:
        await docker.images.pull(image)
    assert refusal.value.status == status


async def test_a_container_lives_from_its_creation_to_its_removal(docker: Docker, run: Runner) -> None:
    container = await run("web", Labels={"a": "b"})
    shown = await container.show()
    assert (shown["Name"], shown["State"]["Status"]) == ("/web", "running")
    with pytest.raises(DockerError, match="container is running: stop the container before removing"):
        await container.delete()
    await container.stop()
    assert (await container.show())["State"]["ExitCode"] == 0
    assert await docker.containers.list() == []
    (listed,) = await docker.containers.list(all=True, filters={"label": ["a=b"]})
    assert listed["Status"].startswith("Exited (0)")
    assert await docker.containers.list(all=True, filters={"label": ["a=c"]}) == []
    await container.delete()
    with pytest.raises(DockerError, match="No such container: web"):
        await docker.containers.get("web")


async def test_what_is_missing_or_taken_is_refused(docker: Docker, run: Runner) -> None:
    with pytest.raises(DockerError, match=r"No such image: nginx:1\.29"):
        await docker.containers.create({"Image": "nginx:1.29"})
    await run("web", HostConfig={"PortBindings": {"80/tcp": [{"HostPort": str(PORT)}]}})
    with pytest.raises(DockerError, match='name "/web" is already in use') as refusal:
        await docker.containers.create({"Image": "nginx:1.29"}, name="web")
    assert refusal.value.status == 409
    with pytest.raises(DockerError, match="port is already allocated"):
        await run("other", HostConfig={"PortBindings": {"80/tcp": [{"HostPort": str(PORT)}]}})
    with pytest.raises(DockerError, match="network nowhere not found"):
        await docker.containers.create({"Image": "nginx:1.29", "HostConfig": {"NetworkMode": "nowhere"}})


async def test_a_published_port_answers_on_the_machines_address(
    host: Machine, run: Runner, connections: Connections
) -> None:
    container = await run("web", HostConfig={"PortBindings": {"80/tcp": [{"HostPort": str(PORT)}]}})
    page = await fetched(host.address, PORT)
    assert "200 OK" in page and "web" in page and "simulated" in page
    shown = await container.show()
    assert shown["NetworkSettings"]["Ports"] == {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(PORT)}]}
    link = await connections.get(host.name)
    for place in (("127.0.0.1", PORT), (shown["NetworkSettings"]["IPAddress"], 80)):
        async with link.tcp(*place) as (reader, writer):
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            assert (await reader.readline()).endswith(b"200 OK\r\n")
    await container.stop()
    with pytest.raises(OSError):
        await fetched(host.address, PORT)


async def fetched(address: str, port: int) -> str:
    reader, writer = await asyncio.open_connection(address, port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    text = await reader.read()
    writer.close()
    return text.decode()


async def test_a_port_of_another_program_cannot_be_had(host: Machine, run: Runner) -> None:
    with socket.create_server((host.address, PORT)), pytest.raises(DockerError, match="address already in use"):
        await run("web", HostConfig={"PortBindings": {"80/tcp": [{"HostPort": str(PORT)}]}})


async def test_logs_are_read_and_followed(docker: Docker, run: Runner) -> None:
    await docker.images.pull("busybox:1")
    config = {"Image": "busybox:1", "Cmd": ["sh", "-c", "echo one; echo two; sleep 0.2; exit 3"]}
    container = await docker.containers.create(config, name="job")
    await container.start()
    followed = [line async for line in container.log(stdout=True, stderr=True, follow=True)]
    assert "".join(followed) == "one\ntwo\n"
    assert await container.wait() == {"StatusCode": 3}
    assert await container.log(stdout=True, tail=1) == ["two\n"]
    assert await container.log(stderr=True) == []
    web = await run("web")
    async for line in web.log(stdout=True, stderr=True, follow=True):
        assert "ready for start up" in line
        break


async def test_a_container_that_fails_is_started_again_by_its_policy(docker: Docker, run: Runner) -> None:
    policy = {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2}}
    container = await run("job", "busybox:1", Cmd=["sh", "-c", "exit 1"], HostConfig=policy)
    while (shown := await container.show())["RestartCount"] < 2 or shown["State"]["Status"] != "exited":
        await asyncio.sleep(0.02)
    assert shown["State"]["ExitCode"] == 1


async def test_networks_give_the_addresses_that_are_asked_for(docker: Docker, run: Runner) -> None:
    await docker.networks.create({"Name": "own", "IPAM": {"Config": [{"Subnet": "172.29.240.0/24"}]}})
    with pytest.raises(DockerError, match="network with name own already exists"):
        await docker.networks.create({"Name": "own"})
    inside = {"EndpointsConfig": {"own": {"IPAMConfig": {"IPv4Address": "172.29.240.10"}, "Aliases": ["web"]}}}
    container = await run("web", HostConfig={"NetworkMode": "own"}, NetworkingConfig=inside)
    place = (await container.show())["NetworkSettings"]["Networks"]["own"]
    assert (place["IPAddress"], place["Gateway"]) == ("172.29.240.10", "172.29.240.1")
    with pytest.raises(DockerError, match="Address already in use"):
        await run("other", HostConfig={"NetworkMode": "own"}, NetworkingConfig=inside)
    with pytest.raises(DockerError, match="has active endpoints"):
        await (await docker.networks.get("own")).delete()


async def test_volumes_stay_while_a_container_has_them(docker: Any, run: Runner) -> None:
    mounts = [{"Type": "volume", "Source": "data", "Target": "/data"}, {"Type": "volume", "Target": "/scratch"}]
    container = await run("db", "redis:7", HostConfig={"Mounts": mounts})
    assert len((await docker.volumes.list())["Volumes"]) == 2
    with pytest.raises(DockerError, match="volume is in use"):
        await (await docker.volumes.get("data")).delete()
    await container.delete(force=True, v=True)
    assert [volume["Name"] for volume in (await docker.volumes.list())["Volumes"]] == ["data"]


async def test_events_tell_what_happens(docker: Any, run: Runner) -> None:
    events = docker.events.subscribe()
    container = await run("web")
    await container.delete(force=True)
    seen: list[str] = []
    while "destroy" not in seen:
        event: Any = await events.get()
        seen += [event["Action"]] if event["Type"] == "container" else []
    assert seen == ["create", "start", "die", "destroy"]


async def test_figures_and_commands_at_echo_level(run: Runner) -> None:
    container = await run("web")
    (figures,) = await container.stats(stream=False)
    assert figures["memory_stats"]["usage"] > 0
    command = await container.exec(["echo", "hello"])
    async with command.start() as stream:
        message = await stream.read_out()
        assert message and message.data == b"hello\n"
    assert (await command.inspect())["ExitCode"] == 0
    unknown = await container.exec(["frobnicate"])
    async with unknown.start() as stream:
        message = await stream.read_out()
        assert message and b"executable file not found" in message.data
    assert (await unknown.inspect())["ExitCode"] == 127
    listened = await container.exec(["cat"], stdin=True)
    async with listened.start() as stream:
        await stream.write_in(b"word")
        message = await stream.read_out()
        assert message and message.data == b"word"


async def test_files_are_put_in_read_and_taken_out(run: Runner) -> None:
    container = await run("web")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        member = tarfile.TarInfo("etc/site/words.conf")
        member.size, member.mode = 5, 0o640
        archive.addfile(member, io.BytesIO(b"hello"))
    await container.put_archive("/", packed.getvalue())
    command = await container.exec(["cat", "/etc/site/words.conf"])
    async with command.start() as stream:
        message = await stream.read_out()
        assert message and message.data == b"hello"
    taken = await container.get_archive("/etc/site")
    assert taken.getnames() == ["site", "site/words.conf"]
    assert taken.getmember("site/words.conf").mode == 0o640
    with pytest.raises(DockerError, match="Could not find the file /nowhere"):
        await container.get_archive("/nowhere")


async def test_containers_come_back_after_a_reboot_by_their_policy(world: World, host: Machine, run: Runner) -> None:
    for name, policy in (("up", "unless-stopped"), ("halted", "unless-stopped"), ("once", "no")):
        container = await run(name, HostConfig={"RestartPolicy": {"Name": policy}})
        if name == "halted":
            await container.stop()
    await world.power_off(host, orderly=False)
    await world.power_on(host)
    await _until_served(host)
    states = {each.name: each.state for each in engine_of(host).containers.values()}
    assert states == {"up": "running", "halted": "exited", "once": "exited"}


async def _until_served(host: Machine) -> None:
    while not host.units.active("docker.service"):
        await asyncio.sleep(0.01)
