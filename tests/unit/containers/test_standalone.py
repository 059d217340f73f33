"""What applications become on a Docker host, and where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.cluster.blueprint import Quirks
from core.containers.standalone import labels
from core.containers.standalone.endpoints import application_endpoints
from core.containers.standalone.placing import held_ports, placed
from core.containers.standalone.wanted import Configuration, Placed, configuration, memory_bytes
from core.containers.vault import Hidden
from core.deployment.docker_host import DAEMON, daemon_settings, engine_state
from core.engine.errors import Refusal
from core.model.allocation import EVERY_PORT, PortKey
from core.model.container import Application
from core.model.endpoint import GatewayAddress
from core.model.host import DockerStandaloneHost
from core.model.registry import Registry
from core.model.scope import Protocol


def app(name: str = "site", **fields: Any) -> Application:
    return Application.model_validate({"name": name, "image": "nginx:1.29"} | fields)


def host(*applications: Application) -> DockerStandaloneHost:
    return DockerStandaloneHost(name="box", applications=applications)


def body(application: Application, **values: Any) -> Configuration:
    where = placed(host(application), {}, {}, EVERY_PORT)[application.name]
    return configuration("box", application, values, where)


def test_two_that_want_one_port_get_two() -> None:
    ports = [{"port": 80, "scope": "public"}]
    found = placed(host(app("a", ports=ports), app("b", ports=ports)), {}, {}, EVERY_PORT)
    assert [list(each.ports.values()) for each in found.values()] == [[80], [1025]]
    assert len({each.address for each in found.values()}) == 2


def test_ssh_is_never_given_and_protocols_do_not_share() -> None:
    ports = [
        {"port": 53, "scope": "cloud"},
        {"port": 53, "scope": "cloud", "protocol": "UDP"},
        {"port": 22, "scope": "cloud"},
    ]
    (found,) = placed(host(app(ports=ports)), {}, {}, EVERY_PORT).values()
    assert sorted(found.ports.values()) == [53, 53, 1025]


def test_what_is_held_stays_whoever_comes_first_in_the_document() -> None:
    ports = [{"port": 80, "scope": "public"}]
    marks = {labels.HOST: "box", labels.APPLICATION: "b", labels.ALLOCATED: "80:80/tcp"}
    held = held_ports("box", [marks, {"com.example": "other"}])
    assert held == {PortKey("box", "b", 80, Protocol.TCP): 80}
    found = placed(host(app("a", ports=ports), app("b", ports=ports)), held, {"b": "172.29.240.10"}, EVERY_PORT)
    assert list(found["b"].ports.values()) == [80]
    assert found["b"].address == "172.29.240.10" != found["a"].address


def test_internal_and_host_ports_are_not_the_machines() -> None:
    application = app(ports=[{"port": 80}, {"port": 81, "scope": "host"}])
    assert body(application)["HostConfig"]["PortBindings"] == {}
    assert body(application)["ExposedPorts"] == {"80/tcp": {}, "81/tcp": {}}


def test_volumes_are_really_mounted() -> None:
    volumes = {
        "/srv": {"kind": "host-path", "path": "/srv/site"},
        "/tmp/x": {"kind": "temporary"},
        "/data": {"kind": "claim", "claim": "site-data", "read_only": True},
    }
    inside = body(app(volumes=volumes))["HostConfig"]
    assert inside["Binds"] == ["/srv/site:/srv"]
    assert {"Type": "volume", "Source": "site-data", "Target": "/data", "ReadOnly": True} in inside["Mounts"]
    assert {"Type": "volume", "Target": "/tmp/x"} in inside["Mounts"]


def _digest(application: Application, **values: Any) -> str:
    return str(body(application, **values)["Labels"][labels.DIGEST])


@pytest.mark.parametrize(
    "changed",
    [
        {"image": "nginx:1.30"},
        {"command": ["-v"]},
        {"ports": [{"port": 80, "scope": "public"}]},
        {"volumes": {"/data": {"kind": "temporary"}}},
        {"privileged": True},
        {"resources": {"limits": {"memory": "64Mi"}}},
        {"probe": {"kind": "command", "command": ["true"]}},
    ],
    ids=lambda each: next(iter(each)),
)
def test_everything_that_is_declared_counts(changed: dict[str, Any]) -> None:
    assert _digest(app()) == _digest(app())
    assert _digest(app()) != _digest(app(**changed))


def test_of_a_secret_only_its_mark_counts() -> None:
    assert _digest(app(), P="a") != _digest(app(), P="b")
    assert _digest(app(), P=Hidden("a", "mark")) == _digest(app(), P=Hidden("b", "mark"))
    assert _digest(app(), P=Hidden("a", "mark")) != _digest(app(), P=Hidden("a", "other"))


def test_arguments_take_variables_but_no_secrets() -> None:
    words = app(command=["--db=$(DB)", "$(UNKNOWN)", "$$"])
    assert body(words, DB="10.0.0.1")["Cmd"] == ["--db=10.0.0.1", "$(UNKNOWN)", "$$"]
    with pytest.raises(Refusal, match="variable DB is a secret and stands among the arguments"):
        body(words, DB=Hidden("text", "mark"))


def test_limits_are_dockers_numbers() -> None:
    resources = {"limits": {"cpu": "500m", "memory": "64Mi"}, "requests": {"memory": "32M"}}
    inside = body(app(resources=resources))["HostConfig"]
    assert (inside["NanoCpus"], inside["Memory"], inside["MemoryReservation"]) == (500_000_000, 67_108_864, 32_000_000)
    assert memory_bytes("1024") == 1024


def test_every_port_has_a_host_endpoint_and_as_many_wider_ones_as_its_scope_says() -> None:
    application = app(ports=[{"port": 80, "scope": "public"}, {"port": 81, "scope": "cloud"}, {"port": 82}])
    where = Placed("172.29.240.10", {application.ports[0]: 8080, application.ports[1]: 81})
    found = application_endpoints("box", application, where, GatewayAddress("10.0.0.4", "203.0.113.4"))
    assert [f"{one.scope} {one.place}" for one in found] == [
        "public 203.0.113.4:8080",
        "cloud 10.0.0.4:8080",
        "host 172.29.240.10:80",
        "cloud 10.0.0.4:81",
        "host 172.29.240.10:81",
        "host 172.29.240.10:82",
    ]


def test_the_daemon_is_told_of_mirror_and_control_group(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("PEM")
    registry = Registry(host="registry.example.org", ca=str(authority), mirror="http://10.0.0.9:5000")
    quirks = Quirks(cgroup_root="/gondolier/box", cgroup_driver="cgroupfs")
    said = daemon_settings(registry, quirks)
    assert said["registry-mirrors"] == ["http://10.0.0.9:5000"]
    assert said["insecure-registries"] == ["10.0.0.9:5000"]
    assert said["cgroup-parent"] == "/gondolier/box/docker"
    state = engine_state(registry, quirks)
    assert [file.path for file in state.files] == [DAEMON, "/etc/docker/certs.d/registry.example.org/ca.crt"]
    assert state.units[0].reads == (DAEMON,)
    assert "hosts" not in said, "the engine listens on its socket only"


def test_an_authority_that_is_not_there_is_named() -> None:
    with pytest.raises(Refusal, match="the registry's authority cannot be read"):
        engine_state(Registry(host="registry.example.org", ca="/nowhere/ca.pem"), Quirks())
