"""Applications that are classes of an installed package: found, described, installed with their hooks, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.containers.catalogue import filled_in, library, mistakes_of
from core.containers.library.entry import ClassEntry
from core.containers.pod import pod_host
from core.engine.errors import Trouble
from core.model.document import DocumentError, parse
from core.model.environment import Environment
from tests.packages import installed_boats
from tests.unit.containers.world import SERVICES, World


@pytest.fixture(autouse=True)
def boats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The installed package's module."""
    monkeypatch.setenv("GONDOLIER_CONFIG", str(tmp_path / "config.toml"))
    with installed_boats(tmp_path / "site-packages", monkeypatch) as module:
        yield module


def declare(*applications: str) -> Environment:
    """Pod web with these applications, filled in."""
    lines = "\n".join(f"      - {one}" for one in applications)
    text = f"""\
environment: lab
provider: {{kind: nspawn}}
components:
  - {{kind: KubernetesCluster, name: alpha, version: "1.36"}}
  - kind: KubernetesPod
    name: web
    cluster: alpha
    replicas: 1
    applications:
{lines}
"""
    return filled_in(parse(text, "lab.yaml", further=mistakes_of))


def test_classes_are_entries_and_what_is_none_is_said() -> None:
    found = library()
    assert isinstance(found.entries["boat"], ClassEntry)
    assert "redis" in found.entries
    troubles = [line for line in found.troubles if "entry point" in line]
    assert [line.split()[2] for line in troubles] == ["missing", "nameless:"]


def test_a_class_describes_its_container_from_its_parameters() -> None:
    (pod,) = declare("{name: gondola, catalogue: boat, parameters: {seats: 4}}").pods()
    (gondola,) = pod.applications
    assert (gondola.image, gondola.env["SEATS"], gondola.ports[0].port) == ("boat:1.0", "4", 80)
    assert gondola.env["KEY"].kind == "generated"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("application", "sentence"),
    [
        ("{name: a, catalogue: boat, parameters: {seats: 40}}", "a whole number from 1 to 20"),
        ("{name: a, catalogue: wreck}", "Wreck.container: KeyError: 'hull'"),
        ("{name: a, catalogue: boat, parameters: {harbour: quay}}", "quay"),
    ],
)
def test_what_a_class_cannot_use_is_a_mistake_of_the_document(application: str, sentence: str) -> None:
    with pytest.raises(DocumentError) as caught:
        declare(application)
    assert sentence in str(caught.value.problems[0])


async def test_hooks_are_called_once_for_an_installation_and_again_for_a_changed_one(
    world: World, boats: ModuleType
) -> None:
    declared = declare("{name: gondola, catalogue: boat}")
    done = await world.deploy(declared)
    assert done.index("web/gondola/started") < done.index("web/workload") < done.index("web/gondola/finished")
    assert [call[:2] for call in boats.calls] == [("started", "gondola"), ("finished", "gondola")]
    assert {one.container_port for one in boats.calls[1][2]} == {80}
    assert "gondola is launched" in world.lines
    assert await world.plan(declared) == {}

    changed = declare("{name: gondola, catalogue: boat, parameters: {seats: 2}}")
    assert "web/gondola/started" in await world.plan(changed)
    await world.deploy(changed)
    assert boats.calls[2] == ("started", "gondola", "2")
    assert await world.plan(changed) == {}


async def test_an_unchanged_neighbour_is_not_called_again(world: World, boats: ModuleType) -> None:
    await world.deploy(declare("{name: gondola, catalogue: boat}"))
    boats.calls.clear()
    await world.deploy(
        declare("{name: gondola, catalogue: boat}", "{name: quay, image: 'quay:1', ports: [{port: 8080}]}")
    )
    assert boats.calls == []


async def test_a_run_that_ended_before_the_last_hook_calls_it_again(
    world: World, boats: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = declare("{name: gondola, catalogue: boat}")

    async def broken(*_: Any) -> None:
        raise OSError("no wind")

    with monkeypatch.context() as patched:
        patched.setattr(boats.Boat, "installation_finished", broken)
        with pytest.raises(Trouble, match="installation_finished failed: OSError: no wind"):
            await world.deploy(declared)
    assert set(await world.plan(declared)) == {"web/gondola/started", "web/gondola/finished"}
    await world.deploy(declared)
    assert boats.calls[-1][:2] == ("finished", "gondola")
    assert await world.plan(declared) == {}


async def test_a_hook_that_fails_is_a_sentence_without_the_secrets_that_it_tells(world: World) -> None:
    with pytest.raises(Trouble) as caught:
        await world.deploy(declare("{name: gondola, catalogue: leaky}"))
    said = str(caught.value)
    key = next(world.secrets.rglob("KEY")).read_text()
    assert "application gondola: Leaky.installation_started failed: RuntimeError: no water under the keel" in said
    assert key not in said


async def test_a_pod_hosts_one_application_more_and_one_less(world: World) -> None:
    declared = declare("{name: quay, image: 'quay:1', ports: [{port: 8080}]}")
    await world.deploy(declared)
    (pod,) = declared.pods()
    (gondola,) = declare("{name: gondola, catalogue: boat}").pods()[0].applications
    host = pod_host(world.site(declared), pod, patience=20)
    assert (host.name, host.scope_id) == ("web", "alpha")

    found = await host.host(gondola, world.report)
    assert {one.application for one in found} == {"gondola"}
    assert world.names(SERVICES) == ["web-gondola", "web-quay"]
    kept = world.api.objects[f"{SERVICES}/web-quay"]["metadata"]["uid"]

    await host.delete("gondola", world.report)
    assert world.names(SERVICES) == ["web-quay"]
    assert world.api.objects[f"{SERVICES}/web-quay"]["metadata"]["uid"] == kept
    assert host.endpoints("gondola") == []
    assert host.endpoints("quay") != []
