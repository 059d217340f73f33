"""Raw objects in a whole cluster: defined kinds, namespaces, changes, and what is left of them: nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.deployment.context import EnvironmentContext
from core.kube import paths
from core.model.document import parse
from core.store.store import Store
from tests.simulator.lab import Lab, deployed, is_ready

Object = dict[str, Any]

CLUSTER: Object = {
    "kind": "KubernetesCluster",
    "name": "alpha",
    "version": "1.36",
    "workers": {"count": 1, "max": 2},
    "gateways": {"count": 1, "max": 1},
}
NAMESPACE: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}}
DEFINITION: Object = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "boats.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Namespaced",
        "names": {"plural": "boats", "singular": "boat", "kind": "Boat"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                },
            }
        ],
    },
}


def boat(seats: int) -> Object:
    metadata = {"name": "gondola", "namespace": "team"}
    return {"apiVersion": "example.org/v1", "kind": "Boat", "metadata": metadata, "spec": {"seats": seats}}


def text(*manifests: Object) -> str:
    """Environment lab with these raw objects."""
    component = {"kind": "KubernetesManifest", "name": "base", "cluster": "alpha", "manifests": list(manifests)}
    components = [CLUSTER, *([component] if manifests else [])]
    return yaml.safe_dump({"environment": "lab", "provider": {"kind": "simulated"}, "components": components})


ALL = text(boat(6), DEFINITION, NAMESPACE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cluster in which the objects were made with it, in one deployment."""
    home = tmp_path_factory.mktemp("manifests")
    with deployed(home, ALL):
        yield home


@pytest.fixture
async def lab(home: Path) -> AsyncIterator[Lab]:
    with Store(home) as store:
        yield Lab(home, store)


async def read(home: Path, path: str) -> Object | None:
    """An object of the cluster."""
    with Store(home) as store:
        context = EnvironmentContext(store, parse(ALL))
        try:
            await context.observe()
            return await (await context.clusters["alpha"].api()).get(path)
        finally:
            await context.close()


GONDOLA = paths.item("example.org/v1", "boats", "team", "gondola")


async def test_they_are_there_and_nothing_is_left_to_do(home: Path, lab: Lab) -> None:
    component = await lab.component("base")
    assert is_ready(component)
    assert component.conditions[0].message == "3 of 3 objects are as declared"
    found = await read(home, GONDOLA)
    assert found is not None
    assert found["spec"] == {"seats": 6}
    assert await lab.plan() == []


async def test_a_change_shows_its_difference_and_is_made(home: Path, lab: Lab) -> None:
    await lab.console.apply(text(boat(7), DEFINITION, NAMESPACE), "lab.yaml")
    (step,) = await lab.plan()
    (change,) = step["changes"]
    assert (change["action"], change["subject"]) == ("update", "Boat team/gondola")
    assert {"-  seats: 6", "+  seats: 7"} <= set(change["diff"])
    assert (await lab.deploy()).good
    assert ((await read(home, GONDOLA)) or {})["spec"] == {"seats": 7}
    assert await lab.plan() == []


async def test_one_that_the_server_does_not_accept_leaves_all_as_they_are(home: Path, lab: Lab) -> None:
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "site"}, "spec": {"ports": "many"}}
    outcome = await lab.deploy(text(boat(8), DEFINITION, NAMESPACE, wrong))
    assert not outcome.good
    assert "site" in outcome.message
    assert ((await read(home, GONDOLA)) or {})["spec"] == {"seats": 7}


async def test_without_their_component_they_are_gone(home: Path, lab: Lab) -> None:
    outcome = await lab.deploy(text())
    assert outcome.good, outcome.message
    assert await read(home, GONDOLA) is None
    assert await read(home, "/api/v1/namespaces/team") is None
    assert await read(home, "/api/v1/namespaces/default/configmaps/gondolier.manifest.base") is None
    assert await lab.plan() == []
