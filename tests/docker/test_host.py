"""A Docker host's life on a real engine, in order: deployed, changed, rebooted, disturbed, destroyed."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from typing import Any

from tests.docker.conftest import ENVIRONMENT, MACHINE, DockerLab
from tests.kubernetes.lab import HOST_LINK

WEB = {"image": "nginx:1.29", "ports": [{"port": 80, "scope": "public"}], "probe": {"kind": "http", "port": 80}}


def site(**fields: Any) -> dict[str, Any]:
    return (
        {"name": "site"}
        | WEB
        | {"volumes": {"/usr/share/nginx/data": {"kind": "host-path", "path": "/srv/site"}}}
        | fields
    )


def other(**fields: Any) -> dict[str, Any]:
    connection = {"kind": "connection", "application": "site", "port": 80, "part": "host:port"}
    return {"name": "other"} | WEB | {"env": {"SITE": connection, "KEY": {"kind": "generated"}}} | fields


def echo() -> dict[str, Any]:
    """Answers each datagram with what it says."""
    return {
        "name": "echo",
        "image": "alpine/socat:1.7",
        "command": ["UDP4-RECVFROM:5353,fork", "EXEC:cat"],
        "ports": [{"port": 5353, "scope": "cloud", "protocol": "UDP"}],
    }


def page(port: int) -> str:
    with urllib.request.urlopen(f"http://{MACHINE}:{port}/", timeout=10) as answer:
        return str(answer.read().decode())


def page_soon(port: int, seconds: float = 60) -> str:
    """The page once it is there: a machine that boots takes a moment."""
    end = time.monotonic() + seconds
    while True:
        try:
            return page(port)
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def identity(lab: DockerLab, name: str) -> str:
    return lab.on_machine(f"docker inspect --format '{{{{.Id}}}}' {name}").strip()


def test_two_that_want_port_80_both_answer(lab: DockerLab) -> None:
    lab.deploy(site(), other(), echo())
    assert lab.ports("site") == {(80, "TCP")}
    assert lab.ports("other") == {(1025, "TCP")}
    assert "nginx" in page(80)
    assert "nginx" in page(1025)
    assert lab.plan(ENVIRONMENT) == []
    assert all(one["status"] == "True" for one in lab.component(ENVIRONMENT, "box")["conditions"])


def test_the_engine_listens_on_no_tcp_port(lab: DockerLab) -> None:
    listening = lab.on_machine("ss -Hltnp")
    assert "docker-proxy" in listening
    assert '"dockerd"' not in listening


def test_datagrams_come_through_and_back(lab: DockerLab) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect((MACHINE, 5353))
        client.send(b"are you there")
        assert client.recv(64) == b"are you there"


def test_a_directory_of_the_machine_is_really_mounted(lab: DockerLab) -> None:
    lab.on_machine("echo written outside > /srv/site/file")
    assert lab.on_machine("docker exec site cat /usr/share/nginx/data/file") == "written outside\n"


def test_one_application_reaches_the_other_at_its_fixed_address(lab: DockerLab) -> None:
    place = lab.on_machine("docker exec other sh -c 'echo $SITE'").strip()
    assert place.startswith("172.29.240.")
    assert "nginx" in lab.on_machine(f"docker exec other wget -q -O - http://{place}/")


def test_a_generated_credential_is_nowhere_but_where_it_belongs(lab: DockerLab) -> None:
    secret = lab.on_machine("docker exec other sh -c 'echo $KEY'").strip()
    assert len(secret) == 24
    assert secret not in lab.run("history", ENVIRONMENT, "1")
    assert secret.encode() not in (lab.home / "gondolier.db").read_bytes()


def test_a_changed_image_or_variable_renews_that_one_only_and_keeps_its_port(lab: DockerLab) -> None:
    before = identity(lab, "site"), identity(lab, "other")
    env = other()["env"] | {"COLOUR": "blue"}
    lab.deploy(site(), other(env=env), echo())
    after = identity(lab, "site"), identity(lab, "other")
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert lab.ports("other") == {(1025, "TCP")}
    assert lab.on_machine("docker exec other sh -c 'echo $COLOUR'") == "blue\n"


def test_containers_survive_a_reboot(lab: DockerLab) -> None:
    lab.on_machine("systemctl reboot", check=False)
    time.sleep(2)
    assert "nginx" in page_soon(80)
    assert "nginx" in page_soon(1025)


def test_what_someone_stopped_or_removed_comes_back(lab: DockerLab) -> None:
    lab.on_machine("docker stop -t 1 site && docker rm -f other")
    assert {step["phase"] for step in lab.plan(ENVIRONMENT)} >= {"container"}
    lab.run("deploy", ENVIRONMENT)
    assert lab.ports("other") == {(1025, "TCP")}
    assert "nginx" in page(1025)


def test_somebody_elses_container_is_not_touched(lab: DockerLab) -> None:
    lab.on_machine("docker run -d --name mine busybox:1.36 sleep 10000")
    text = lab.deploy(site(), other(), echo(), {"name": "mine", "image": "busybox:1.36"}, code=1)
    assert "there is a container mine that Gondolier did not make" in text
    lab.deploy(site())
    assert set(lab.on_machine("docker ps --format '{{.Names}}'").split()) == {"site", "mine"}


def test_an_image_that_does_not_exist_is_a_sentence(lab: DockerLab) -> None:
    text = lab.deploy(site(), {"name": "bad", "image": "no-such-image:1"}, code=1)
    assert "pulling no-such-image:1" in text
    assert "nginx" in page(80), "the other one goes on"


def test_one_that_never_answers_says_what_it_wrote(lab: DockerLab) -> None:
    words = ["sh", "-c", "echo cannot find my settings; exit 1"]
    lab.declare(site(), {"name": "bad", "image": "busybox:1.36", "command": words})
    text = lab.run("deploy", ENVIRONMENT, code=1)
    assert "application bad is not ready: its container ended 8 times" in text
    assert "cannot find my settings" in text


def test_nothing_is_left(lab: DockerLab) -> None:
    lab.run("destroy", ENVIRONMENT, "--yes")
    assert lab.machines(ENVIRONMENT) == set()
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    assert f"gondolier:{ENVIRONMENT}" not in links
    assert HOST_LINK in links, "only the registry's link is still there"
