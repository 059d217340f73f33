"""Raw objects of a document: mistakes by field, before a server sees them; and directories that may not be mounted."""

from __future__ import annotations

from typing import Any

import pytest

from core.model.checks import contradictions
from core.model.declaration import Declaration
from core.model.host_paths import host_path_contradictions, permitted

GOOD = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}


def declare(*components: Any) -> Declaration:
    cluster = {"kind": "KubernetesCluster", "name": "alpha", "version": "1.36"}
    return Declaration.model_validate(
        {"environment": "lab", "provider": {"kind": "simulated"}, "components": [cluster, *components]}
    )


def manifest(*objects: Any, name: str = "base", cluster: str = "alpha") -> Any:
    return {"kind": "KubernetesManifest", "name": name, "cluster": cluster, "manifests": list(objects)}


def paths(*components: Any) -> list[tuple[Any, ...]]:
    return [one.path[2:] for one in contradictions(declare(*components))]


def test_sound_objects_are_no_contradictions() -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "system:site", "labels": {"tier": "web"}},
    }
    elsewhere = {**GOOD, "metadata": {"name": "one", "namespace": "team"}}
    assert paths(manifest(GOOD, role, elsewhere)) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"apiVersion": None}, ("apiVersion",)),
        ({"apiVersion": "../v1"}, ("apiVersion",)),
        ({"kind": 5}, ("kind",)),
        ({"metadata": {}}, ("metadata", "name")),
        ({"metadata": "one"}, ("metadata", "name")),
        ({"metadata": {"name": "a/b"}}, ("metadata", "name")),
        ({"metadata": {"name": ".."}}, ("metadata", "name")),
        ({"metadata": {"name": "one", "namespace": "Team"}}, ("metadata", "namespace")),
        ({"metadata": {"name": "one", "labels": {"id": "x"}}}, ("metadata", "labels", "id")),
        ({"metadata": {"name": "one", "labels": {"replicas": 3}}}, ("metadata", "labels")),
        ({"metadata": {"name": "one", "annotations": ["x"]}}, ("metadata", "annotations")),
    ],
)
def test_what_is_wrong_is_named_by_its_field(wrong: Any, field: tuple[str, ...]) -> None:
    assert paths(manifest(GOOD | wrong)) == [("manifests", 0, *field)]


def test_an_object_is_declared_once_in_a_cluster() -> None:
    assert paths(manifest(GOOD), manifest(GOOD, name="more")) == [("manifests", 0, "metadata", "name")]
    beta = {"kind": "KubernetesCluster", "name": "beta", "version": "1.36", "node_pattern": "b-#"}
    beta |= {"gateway_pattern": "bg-#"}
    assert paths(beta, manifest(GOOD), manifest(GOOD, name="more", cluster="beta")) == []


def test_its_cluster_is_one_of_the_document() -> None:
    assert paths(manifest(GOOD, cluster="alhpa")) == [("cluster",)]


@pytest.mark.parametrize(
    ("path", "good"),
    [
        ("/srv", True),
        ("/srv/", True),
        ("//srv/site", True),
        ("/srv/./a", True),
        ("/srvx", False),
        ("/srv/../etc", False),
        ("/etc", False),
        ("/", False),
    ],
)
def test_a_path_is_permitted_below_one_that_is(path: str, good: bool) -> None:
    assert permitted(path, ["/srv"]) is good
    assert permitted(path, ["/"])
    assert not permitted(path, [])


def test_directories_are_held_against_the_list_on_pods_hosts_and_in_raw_objects() -> None:
    volume = {"kind": "host-path", "path": "/etc"}
    application = {"name": "a", "image": "a", "volumes": {"/d": volume, "/e": volume | {"path": "/srv/a"}}}
    volumes = [{"name": "x", "hostPath": {"path": "/proc"}}, {"name": "y", "emptyDir": {}}]
    raw = GOOD | {"kind": "Pod", "spec": {"volumes": volumes}}
    declared = declare(
        {"kind": "KubernetesPod", "name": "web", "cluster": "alpha", "applications": [application]},
        {"kind": "DockerStandaloneHost", "name": "box", "applications": [application]},
        manifest(raw),
    )
    found = list(host_path_contradictions(declared, ["/srv", "/data"]))
    assert [(one.path, one.found) for one in found] == [
        (("components", 1, "applications", 0, "volumes", "/d", "path"), '"/etc"'),
        (("components", 2, "applications", 0, "volumes", "/d", "path"), '"/etc"'),
        (("components", 3, "manifests", 0, "spec", "volumes", 0, "hostPath", "path"), '"/proc"'),
    ]
    assert all("/srv, /data" in one.allowed for one in found)
