"""Classes of an installed package on a Docker host: with their hooks, one that fails alone, hosted by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

import pytest

from core.containers.catalogue import library
from core.containers.library.host import DockerContainerHost
from core.containers.standalone.steps import standalone_host
from core.deployment.hosts import host_site
from core.engine.errors import Refusal
from core.model.container import Application
from core.simulator.client import Client
from core.store.store import Store
from tests.packages import installed_boats
from tests.simulator.applications.conftest import Applications
from tests.simulator.applications.documents import Part, application, document, host, port


def boat(name: str, entry: str = "boat", **parameters: object) -> Part:
    return {"name": name, "catalogue": entry, "parameters": parameters}


HARBOUR = application("harbour", port(8080, "internal"))
DOCUMENT = document(host(HARBOUR, boat("gondola", harbour="harbour"), boat("sieve", "leaky")))


@pytest.fixture
def boats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    with installed_boats(tmp_path / "site-packages", monkeypatch) as module:
        yield module


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Applications]:
    home = tmp_path / "home"
    try:
        with Store(home) as store:
            yield Applications(home, store)
    finally:
        await Client(home).stop()


@asynccontextmanager
async def hosting(lab: Applications) -> AsyncIterator[DockerContainerHost]:
    """The Docker host as the library sees it."""
    declared, _, _ = lab.console.wanted("lab")
    async with lab.console.context(declared) as context:
        await context.observe()
        yield standalone_host(host_site(context, context.hosts["box"]))


async def test_one_whose_hook_fails_holds_back_no_other_and_its_key_is_not_told(
    lab: Applications, boats: ModuleType
) -> None:
    outcome = await lab.deploy(DOCUMENT)
    key = next((lab.home / "keys").rglob("sieve/KEY")).read_text()
    told = "\n".join([*lab.report.texts, outcome.message])
    assert not outcome.good
    assert "Leaky.installation_started failed: RuntimeError: no water under the keel" in told
    assert key not in told

    place = await lab.endpoint("box", "host", "harbour")
    (finished,) = [seen for hook, name, seen in boats.calls if (hook, name) == ("finished", "gondola")]
    assert finished == (place.address, 8080)
    assert f"HARBOUR={place.address}:8080" in (await lab.container("gondola"))["Config"]["Env"]
    found = await lab.component("box")
    assert {each.name for each in found.instances} == {"harbour", "gondola"}
    assert {step["id"] for step in await lab.plan()} >= {"box/sieve/started", "box/sieve/container"}


async def test_an_application_is_hosted_and_deleted_by_hand(lab: Applications, boats: ModuleType) -> None:
    await lab.deployed_as(document(host(HARBOUR)))
    before = await lab.places("box")
    lines: list[str] = []
    async with hosting(lab) as box:
        wanted = Application.model_validate(application("raft", port(8080)))
        found = await box.host(wanted, lambda text, level="info": lines.append(text))
        assert (box.name, box.scope_id) == ("box", "box")
        assert {one.container_port for one in found} == {8080}
        assert (await lab.container("raft"))["State"]["Running"]
        await box.delete("raft", lambda text, level="info": lines.append(text))
        assert box.endpoints("raft") == []
    assert "container raft removed" in lines
    assert await lab.places("box") == before
    assert await lab.plan() == []


async def test_an_environment_goes_though_the_package_of_its_applications_went_first(
    lab: Applications, boats: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lab.deployed_as(document(host(boat("gondola"))))
    monkeypatch.delitem(library().entries, "boat")
    with pytest.raises(Refusal, match="does not fit the catalogue"):
        await lab.deploy()
    outcome = await lab.console.destroy_here("lab", lab.report)
    assert outcome.good, outcome.message
