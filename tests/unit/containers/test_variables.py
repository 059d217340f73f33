"""The values of variables: secrets that nobody sees, addresses of others, and what follows when they change."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.containers.manifest import DIGEST
from core.containers.variables import Resolver, Surroundings
from core.containers.vault import UNMARKED, Hidden, Vault
from core.machines.steps import Unknown
from core.model.connections import connection_contradictions, holders, required_units
from core.model.declaration import Declaration
from core.model.endpoint import Endpoint
from core.model.scope import Protocol, Scope
from tests.unit.containers.world import DEPLOYMENTS, World, application, declare, web

SECRETS = "/api/v1/namespaces/default/secrets"
DATABASE = application("db", ports=[{"port": 5432}], env={"PASSWORD": {"kind": "generated", "length": 12}})


def connected(port: int = 5432, **fields: Any) -> dict[str, Any]:
    return {"kind": "connection", "application": "db", "port": port} | fields


def pair(**fields: Any) -> Declaration:
    """A site in one pod that is connected to a database in another."""
    site = application(env={"DB": connected(**({"component": "data"} | fields))})
    return declare(web(site), {"name": "data", "applications": [DATABASE]})


def endpoint(address: str, scope: Scope, port: int = 5432) -> Endpoint:
    return Endpoint("data", "db", address, port, scope, Scope.PUBLIC, 5432, Protocol.TCP)


class Around:
    """Surroundings with a book that tests write."""

    def __init__(self, declaration: Declaration, directory: Path) -> None:
        self.book: dict[str, list[Endpoint]] = {}
        self.kept: dict[str, str] = {}
        self.vault = Vault(directory)
        self.surroundings = Surroundings(
            declaration, lambda name: self.book.get(name, []), self.vault, self.kept.get, self.kept.__setitem__
        )

    def value(self, component: str, name: str, variable: str, *, making: bool = True) -> Any:
        holder = holders(self.surroundings.declaration)[component]
        return Resolver(self.surroundings, holder, making=making).all(holder.applications)[name][variable]


def test_a_credential_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    around = Around(pair(), tmp_path)
    assert around.value("data", "db", "PASSWORD", making=False).mark == UNMARKED
    assert not list(tmp_path.iterdir()), "a plan makes nothing"
    made = around.value("data", "db", "PASSWORD")
    assert isinstance(made, Hidden)
    assert len(made.text) == 12
    assert made == around.value("data", "db", "PASSWORD") == around.value("data", "db", "PASSWORD", making=False)
    assert (tmp_path / "data" / "db" / "PASSWORD").stat().st_mode & 0o777 == 0o600
    assert made.text not in repr(made)


def test_marks_of_two_environments_tell_nothing(tmp_path: Path) -> None:
    marks = set()
    for name in ("one", "two"):
        vault = Vault(tmp_path / name)
        vault.prepare()
        marks.add(vault.hidden("the same text").mark)
    assert len(marks) == 2


def test_the_nearest_address_is_given_and_stays(tmp_path: Path) -> None:
    around = Around(pair(part="host:port"), tmp_path)
    with pytest.raises(Unknown, match="the address of data/db"):
        around.value("web", "site", "DB")
    around.book["data"] = [endpoint("10.0.0.9", Scope.CLOUD), endpoint("10.32.0.7", Scope.INTERNAL)]
    assert around.value("web", "site", "DB") == "10.32.0.7:5432"
    around.book["data"].append(endpoint("10.32.0.2", Scope.INTERNAL))
    assert around.value("web", "site", "DB") == "10.32.0.7:5432", "a smaller address beside it changes nothing"
    del around.book["data"][1]
    assert around.value("web", "site", "DB") == "10.32.0.2:5432"


@pytest.mark.parametrize(
    ("part", "text"),
    [("host", "127.0.0.1"), ("port", "5432"), ("host:port", "127.0.0.1:5432"), ("url", "http://127.0.0.1:5432")],
)
def test_in_one_pod_the_loopback_is_the_address(tmp_path: Path, part: str, text: str) -> None:
    declared = declare(web(application(env={"DB": connected(part=part)}), DATABASE))
    assert Around(declared, tmp_path).value("web", "site", "DB") == text


def test_a_shared_value_is_the_others_secret(tmp_path: Path) -> None:
    shared = {"kind": "shared", "application": "db", "component": "data", "variable": "PASSWORD"}
    declared = declare(web(application(env={"P": shared})), {"name": "data", "applications": [DATABASE]})
    around = Around(declared, tmp_path)
    assert around.value("web", "site", "P") == around.value("data", "db", "PASSWORD")


def circle() -> Declaration:
    site = application(env={"DB": connected(component="data")})
    back = {"kind": "connection", "application": "site", "component": "web", "port": 80}
    return declare(web(site), {"name": "data", "applications": [DATABASE | {"env": {"SITE": back}}]})


def wrong() -> Iterator[tuple[Declaration, str, str]]:
    yield pair(port=5433), "5433/TCP", "a port of data/db: 5432/TCP"
    yield pair(application="dbs"), '"dbs"', "did you mean `db`?"
    yield pair(component="date"), '"date"', "did you mean `data`?"
    hidden = DATABASE | {"ports": [{"port": 5432, "scope": "host"}]}
    site = application(env={"DB": connected(component="data")})
    yield declare(web(site), {"name": "data", "applications": [hidden]}), "which has scope host", "internal or wider"
    yield circle(), "a circle of connections: web → data → web", "waits for itself"


@pytest.mark.parametrize(("declared", "found", "allowed"), list(wrong()))
def test_a_connection_that_cannot_be_given_is_named(declared: Declaration, found: str, allowed: str) -> None:
    (one,) = connection_contradictions(declared)
    assert found in one.found
    assert allowed in one.allowed


def test_what_is_connected_to_comes_first() -> None:
    assert required_units(pair()) == {("web", ""): frozenset({("data", "")}), ("data", ""): frozenset()}
    assert not list(connection_contradictions(pair()))


async def test_a_secret_reaches_the_pod_by_name_only(world: World) -> None:
    await world.deploy(pair())
    (secret,) = (world.api.objects[f"{SECRETS}/{name}"] for name in world.names(SECRETS))
    text = base64.b64decode(secret["data"]["PASSWORD"]).decode()
    deployment = world.api.objects[f"{DEPLOYMENTS}/data"]
    (variable,) = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    assert variable["valueFrom"]["secretKeyRef"] == {"name": secret["metadata"]["name"], "key": "PASSWORD"}
    assert text not in str(deployment) + "\n".join(world.lines)
    assert await world.deploy(pair()) == []


async def test_another_secret_renews_the_pods_and_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "first-secret-text")
    declared = declare(web(application(env={"T": {"kind": "secret", "env": "TOKEN"}})))
    await world.deploy(declared)
    stamp = world.api.objects[f"{DEPLOYMENTS}/web"]["metadata"]["annotations"][DIGEST]
    monkeypatch.setenv("TOKEN", "second-secret-text")
    planned = str(await world.plan(declared))
    assert "second" not in planned
    assert {"web/settings", "web/workload"} <= set(await world.deploy(declared))
    assert world.api.objects[f"{DEPLOYMENTS}/web"]["metadata"]["annotations"][DIGEST] != stamp


async def test_secrets_go_with_their_application(world: World) -> None:
    await world.deploy(pair())
    await world.deploy(declare(web(), {"name": "data", "applications": [application("db", ports=[{"port": 5432}])]}))
    assert world.names(SECRETS) == []
