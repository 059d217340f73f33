"""Raw objects of a cluster: applied in order, changed by digest, removed with what declared them; others' stay."""

from __future__ import annotations

from typing import Any

import pytest

from core.containers.manifests.inventory import read_inventory
from core.containers.manifests.steps import manifest_steps
from core.engine.errors import Refusal, Transient
from core.engine.step import Change, Graph
from core.model.declaration import Declaration
from tests.unit.containers.world import World, web
from tests.unit.kube.fake_api import Fault

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
INVENTORY = f"{CONFIG_MAPS}/gondolier.manifest.base"

Object = dict[str, Any]


def config_map(name: str, text: str = "a", **metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name} | metadata, "data": {"text": text}}


def declare(*manifests: Object, name: str = "base", others: list[Object] | None = None) -> Declaration:
    components: list[Object] = [{"kind": "KubernetesCluster", "name": "alpha", "version": "1.36"}, *(others or [])]
    if manifests:
        components.append(
            {"kind": "KubernetesManifest", "name": name, "cluster": "alpha", "manifests": list(manifests)}
        )
    return Declaration.model_validate({"environment": "lab", "provider": {"kind": "nspawn"}, "components": components})


async def plan(world: World, declaration: Declaration) -> list[Change]:
    steps = Graph.of(manifest_steps(world.site(declaration), frozenset())).steps
    return [change for step in steps for change in await step.probe()]


async def deploy(world: World, declaration: Declaration) -> None:
    for step in Graph.of(manifest_steps(world.site(declaration), frozenset())).steps:
        if changes := await step.probe():
            await step.apply(changes, world.report)
            assert not await step.probe(), f"{step.id} does not hold after it was applied"


async def test_objects_are_made_once_and_are_known_as_ours(world: World) -> None:
    declared = declare(config_map("one"), config_map("two", labels={"tier": "web"}))
    await deploy(world, declared)
    assert world.names(CONFIG_MAPS) == ["gondolier.manifest.base", "one", "two"]
    labels = world.api.objects[f"{CONFIG_MAPS}/two"]["metadata"]["labels"]
    assert labels == {
        "tier": "web",
        "id": "base",
        "app.kubernetes.io/managed-by": "gondolier",
        "gondolier.io/manifest": "base",
    }
    version = world.api.version
    assert await plan(world, declared) == []
    await deploy(world, declared)
    assert world.api.version == version, "an unchanged object was touched"


async def test_a_namespace_comes_before_what_is_in_it(world: World) -> None:
    inside = config_map("one", namespace="team")
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}}
    await deploy(world, declare(inside, namespace))
    made = [path for method, path in world.api.requests if method == "PATCH" and "dryRun" not in path]
    assert [path.partition("?")[0] for path in made if "gondolier.manifest" not in path] == [
        "/api/v1/namespaces/team",
        "/api/v1/namespaces/team/configmaps/one",
    ]


async def test_a_changed_object_is_updated_and_the_others_are_left_alone(world: World) -> None:
    await deploy(world, declare(config_map("one"), config_map("two")))
    changed = declare(config_map("one"), config_map("two", "b"))
    (change,) = await plan(world, changed)
    assert (change.action, change.subject) == ("update", "ConfigMap two")
    assert ("text: a" in change.before, "text: b" in change.after) == (True, True)
    await deploy(world, changed)
    assert world.lines[-1] == "ConfigMap two updated"
    assert world.api.objects[f"{CONFIG_MAPS}/two"]["data"] == {"text": "b"}


async def test_what_vanished_is_removed_and_what_is_not_ours_stays(world: World) -> None:
    await deploy(world, declare(config_map("one"), config_map("two"), config_map("three")))
    taken = world.api.objects[f"{CONFIG_MAPS}/three"]
    world.api.put(f"{CONFIG_MAPS}/three", taken | {"metadata": taken["metadata"] | {"labels": {}}})
    left = declare(config_map("one"))
    assert [(each.action, each.subject) for each in await plan(world, left)] == [("delete", "ConfigMap two")]
    await deploy(world, left)
    assert world.names(CONFIG_MAPS) == ["gondolier.manifest.base", "one", "three"]


async def test_a_component_that_left_takes_its_objects_along(world: World) -> None:
    await deploy(world, declare(config_map("one")))
    world.api.put(f"{CONFIG_MAPS}/other", config_map("other"))
    subjects = [each.subject for each in await plan(world, declare())]
    assert subjects == ["ConfigMap one", "inventory of base"]
    await deploy(world, declare())
    assert world.names(CONFIG_MAPS) == ["other"]


async def test_somebody_elses_object_of_the_same_name_is_refused_before_anything_changes(world: World) -> None:
    world.api.put(f"{CONFIG_MAPS}/two", config_map("two", "theirs"))
    with pytest.raises(Refusal, match="ConfigMap two that Gondolier did not make for base"):
        await deploy(world, declare(config_map("one"), config_map("two")))
    assert world.names(CONFIG_MAPS) == ["two"]
    assert world.api.objects[f"{CONFIG_MAPS}/two"]["data"] == {"text": "theirs"}


async def test_an_object_that_the_server_does_not_accept_stops_all_before_anything_changes(world: World) -> None:
    body = {"kind": "Status", "message": "ConfigMap two is invalid"}
    world.api.faults.append(Fault("PATCH", "configmaps/two", 422, body, times=9))
    with pytest.raises(Refusal, match="two is invalid"):
        await deploy(world, declare(config_map("one"), config_map("two")))
    assert world.names(CONFIG_MAPS) == []


async def test_a_kind_that_the_server_has_not_is_refused(world: World) -> None:
    gadget = {"apiVersion": "example.org/v1", "kind": "Gadget", "metadata": {"name": "one"}}
    with pytest.raises(Refusal, match=r"no kind Gadget in example.org/v1"):
        await plan(world, declare(gadget))


async def test_a_run_that_was_killed_half_way_is_finished_and_leaves_nothing_behind(world: World) -> None:
    world.api.faults.append(Fault("PATCH", "dryRun", 200, times=2))
    world.api.faults.append(Fault("PATCH", "configmaps/two", 500, times=9))
    with pytest.raises(Transient, match="500"):
        await deploy(world, declare(config_map("one"), config_map("two")))
    listed = await read_inventory(world.cluster, "base")
    assert {name.name for name in listed} == {"one", "two"}
    world.api.faults.clear()
    await deploy(world, declare())
    assert world.names(CONFIG_MAPS) == []


async def test_a_secrets_content_is_in_no_plan_and_no_report(world: World) -> None:
    def secret(text: str) -> Object:
        return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key"}, "stringData": {"password": text}}

    for text in ("hunter2", "hunter3"):
        (change, *_) = await plan(world, declare(secret(text)))
        assert (change.secret, change.before, change.after) == (True, "", "")
        await deploy(world, declare(secret(text)))
    assert not any("hunter" in line for line in world.lines)


async def test_pods_and_raw_objects_leave_each_other_alone(world: World) -> None:
    pod = {"kind": "KubernetesPod", "cluster": "alpha"} | web()
    declared = declare(config_map("one"), others=[pod])
    await deploy(world, declared)
    await world.deploy(declared)
    assert await world.plan(declared) == {}
    assert await plan(world, declared) == []
    assert "one" in world.names(CONFIG_MAPS)


async def test_nothing_is_asked_of_a_cluster_that_does_not_exist(world: World) -> None:
    world.exists = False
    (change,) = await plan(world, declare(config_map("one")))
    assert (change.action, change.subject) == ("create", "ConfigMap one")
    assert world.api.requests == []
