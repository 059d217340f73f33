"""Objects: versions, conflicts, deletion, listeners."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.kubernetes.objects import ApiError, Objects

Object = dict[str, Any]


def pod(name: str, **spec: object) -> Object:
    """A pod with one container."""
    containers = [{"name": "main", "image": "nginx:1.29"}]
    return {"metadata": {"name": name, "namespace": "default"}, "spec": {"containers": containers, **spec}}


def test_what_is_created_has_an_identity_and_defaults() -> None:
    objects = Objects()
    made = objects.create("pods", pod("web"))
    assert made["apiVersion"] == "v1" and made["kind"] == "Pod"
    assert made["metadata"]["uid"] and made["metadata"]["creationTimestamp"].endswith("Z")
    assert made["metadata"]["resourceVersion"] == str(objects.version)
    assert made["spec"]["restartPolicy"] == "Always" and made["status"]["phase"] == "Pending"
    assert objects.get("pods", "default", "web") == made


def test_a_name_is_taken_once() -> None:
    objects = Objects()
    objects.create("pods", pod("web"))
    with pytest.raises(ApiError, match='pods "web" already exists') as caught:
        objects.create("pods", pod("web"))
    assert caught.value.status == 409 and caught.value.reason == "AlreadyExists"


def test_a_name_is_generated() -> None:
    objects = Objects()
    asked = pod("")
    asked["metadata"] = {"generateName": "web-", "namespace": "default"}
    names = {objects.create("pods", asked)["metadata"]["name"] for _ in range(3)}
    assert len(names) == 3 and all(name.startswith("web-") and len(name) == 9 for name in names)


def test_an_old_version_is_not_written() -> None:
    objects = Objects()
    first = objects.create("pods", pod("web"))
    objects.update("pods", first | {"spec": first["spec"] | {"nodeName": "n1"}})
    with pytest.raises(ApiError, match="has been modified") as caught:
        objects.update("pods", first | {"spec": first["spec"] | {"nodeName": "n2"}})
    assert caught.value.status == 409
    assert objects.update("pods", first, expected="")["spec"].get("nodeName") is None


def test_a_write_leaves_the_status_alone_and_counts_what_is_wanted() -> None:
    objects = Objects()
    made = objects.create("pods", pod("web"))
    status = objects.update_status("pods", "default", "web", {"phase": "Running"})
    assert status["metadata"]["generation"] == 1
    changed = objects.update(
        "pods", status | {"status": {"phase": "Failed"}, "spec": made["spec"] | {"nodeName": "n1"}}
    )
    assert changed["status"]["phase"] == "Running" and changed["metadata"]["generation"] == 2


def test_nothing_changed_is_no_version() -> None:
    objects = Objects()
    made = objects.create("pods", pod("web"))
    before = objects.version
    assert objects.update("pods", made) == made and objects.version == before


def test_a_pod_on_a_node_ends_in_its_own_time() -> None:
    objects = Objects()
    objects.create("pods", pod("web", nodeName="n1"))
    leaving = objects.delete("pods", "default", "web")
    assert leaving["metadata"]["deletionGracePeriodSeconds"] == 30 and leaving["metadata"]["deletionTimestamp"]
    assert objects.get("pods", "default", "web") is not None
    objects.remove("pods", "default", "web")
    assert objects.get("pods", "default", "web") is None


@pytest.mark.parametrize("spec", [{}, {"nodeName": "n1"}])
def test_a_pod_goes_at_once_without_a_node_or_without_grace(spec: Object) -> None:
    objects = Objects()
    objects.create("pods", pod("web", **spec))
    objects.delete("pods", "default", "web", grace=0 if spec else None)
    assert objects.get("pods", "default", "web") is None


def test_finalizers_hold_an_object() -> None:
    objects = Objects()
    objects.create("configmaps", {"metadata": {"name": "c", "namespace": "default", "finalizers": ["a.b/c"]}})
    held = objects.delete("configmaps", "default", "c")
    assert "deletionTimestamp" in held["metadata"]
    objects.update("configmaps", held | {"metadata": held["metadata"] | {"finalizers": []}})
    assert objects.get("configmaps", "default", "c") is None


def test_a_namespace_stays_until_it_is_removed() -> None:
    objects = Objects()
    objects.create("namespaces", {"metadata": {"name": "n"}})
    assert objects.delete("namespaces", "", "n")["status"]["phase"] == "Terminating"
    objects.remove("namespaces", "", "n")
    assert objects.get("namespaces", "", "n") is None


async def test_listeners_hear_of_everything_from_a_version_on() -> None:
    objects = Objects()
    objects.create("pods", pod("a"))
    since = objects.version
    objects.create("pods", pod("b"))
    objects.create("configmaps", {"metadata": {"name": "c", "namespace": "default"}})
    listener = objects.subscribe("pods", since=since)
    objects.remove("pods", "default", "a")
    heard = await listener.batch()
    assert [(event.type, event.name) for event in heard] == [("ADDED", "b"), ("DELETED", "a")]
    assert heard[1].object["metadata"]["resourceVersion"] == str(heard[1].version) == str(objects.version)
    listener.close()
    assert [event async for event in listener] == []


async def test_a_version_that_is_forgotten_is_gone() -> None:
    objects = Objects()
    objects.create("pods", pod("a"))
    objects.history.compact(objects.version)
    with pytest.raises(ApiError) as caught:
        objects.subscribe("pods", since=1)
    assert caught.value.status == 410


def test_the_journal_brings_everything_back() -> None:
    kept: dict[str, bytes] = {}

    def journal(key: str, raw: bytes | None) -> None:
        kept.pop(key, None)
        if raw is not None:
            kept[key] = raw

    objects = Objects(journal)
    made = objects.create("pods", pod("a"))
    objects.create("pods", pod("b"))
    objects.remove("pods", "default", "b")
    again = Objects()
    again.load(kept.items())
    assert again.list("pods") == [made] and again.version > objects.version


def test_custom_kinds_come_and_go_with_their_definitions() -> None:
    objects = Objects()
    names = {"plural": "boats", "kind": "Boat"}
    spec = {"group": "x.io", "scope": "Namespaced", "names": names, "versions": [{"name": "v1", "storage": True}]}
    objects.create("customresourcedefinitions.apiextensions.k8s.io", {"metadata": {"name": "boats.x.io"}, "spec": spec})
    made = objects.create("boats.x.io", {"metadata": {"name": "a", "namespace": "default"}})
    assert made["apiVersion"] == "x.io/v1" and made["kind"] == "Boat"
    objects.remove("customresourcedefinitions.apiextensions.k8s.io", "", "boats.x.io")
    with pytest.raises(ApiError) as caught:
        objects.get("boats.x.io", "default", "a")
    assert caught.value.status == 404
