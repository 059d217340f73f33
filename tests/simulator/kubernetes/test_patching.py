"""Patches: what each form does, and that nothing that is sent leaves an object half changed."""

from __future__ import annotations

from typing import Any

import pytest

from core.simulator.kubernetes.kinds import Kind
from core.simulator.kubernetes.objects import ApiError
from core.simulator.kubernetes.patching.apply import applied
from core.simulator.kubernetes.patching.merge import json_patched, merged
from core.simulator.kubernetes.patching.patch import STRATEGIC_PATCH, patched
from core.simulator.kubernetes.patching.strategic import strategic_merged

Object = dict[str, Any]


def containers(*names: str, **fields: object) -> Object:
    """A pod's spec with these containers."""
    return {"spec": {"containers": [{"name": name, "image": name, **fields} for name in names]}}


def test_merge_patch_removes_with_null_and_replaces_lists() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "l": [1, 2]}, {"a": {"b": None, "d": 3}, "l": [3]}) == {
        "a": {"c": 2, "d": 3},
        "l": [3],
    }


def test_json_patch_is_all_or_nothing() -> None:
    target = {"a": [1]}
    with pytest.raises(ApiError) as caught:
        json_patched(target, [{"op": "add", "path": "/b", "value": 1}, {"op": "test", "path": "/a/0", "value": 2}])
    assert caught.value.status == 422 and target == {"a": [1]}
    with pytest.raises(ApiError) as caught:
        json_patched(target, [{"op": "fly", "path": "/a"}])
    assert caught.value.status == 400
    assert json_patched(target, [{"op": "add", "path": "/a/-", "value": 2}]) == {"a": [1, 2]}


def test_strategic_merge_finds_elements_by_their_key() -> None:
    patch = {"spec": {"containers": [{"name": "b", "image": "new"}, {"name": "c", "image": "c"}]}}
    found = strategic_merged(containers("a", "b", tty=True), patch)["spec"]["containers"]
    assert [(each["name"], each["image"], each.get("tty")) for each in found] == [
        ("a", "a", True),
        ("b", "new", True),
        ("c", "c", None),
    ]


def test_strategic_merge_removes_orders_and_replaces() -> None:
    gone = strategic_merged(containers("a", "b"), {"spec": {"containers": [{"name": "a", "$patch": "delete"}]}})
    assert [each["name"] for each in gone["spec"]["containers"]] == ["b"]
    order = {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}
    turned = strategic_merged(containers("a", "b"), {"spec": order})
    assert [each["name"] for each in turned["spec"]["containers"]] == ["b", "a"]
    patch = {"spec": {"containers": [{"$patch": "replace"}, {"name": "x"}]}}
    assert strategic_merged(containers("a"), patch)["spec"]["containers"] == [{"name": "x"}]
    replaced = strategic_merged({"spec": {"a": 1}}, {"spec": {"$patch": "replace", "b": 2}})
    assert replaced == {"spec": {"b": 2}}
    kept = strategic_merged({"s": {"type": "R", "rollingUpdate": {}}}, {"s": {"$retainKeys": ["type"], "type": "X"}})
    assert kept == {"s": {"type": "X"}}


def test_strategic_merge_of_ports_and_plain_lists() -> None:
    service = {"spec": {"ports": [{"port": 80, "name": "a"}, {"port": 81, "name": "b"}]}}
    found = strategic_merged(service, {"spec": {"ports": [{"port": 81, "name": "c"}]}})
    assert found["spec"]["ports"] == [{"port": 80, "name": "a"}, {"port": 81, "name": "c"}]
    held = {"metadata": {"finalizers": ["a/b", "c/d"]}}
    patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a/b"], "finalizers": ["e/f"]}}
    assert strategic_merged(held, patch)["metadata"]["finalizers"] == ["c/d", "e/f"]
    node = {"spec": {"taints": [{"key": "a"}]}}
    assert strategic_merged(node, {"spec": {"taints": [{"key": "b"}]}})["spec"]["taints"] == [{"key": "b"}]


def test_an_element_without_its_key_is_refused() -> None:
    with pytest.raises(ApiError, match="does not contain declared merge key: name"):
        strategic_merged(containers("a"), {"spec": {"containers": [{"image": "x"}]}})


def test_custom_resources_take_no_strategic_patch() -> None:
    kind = Kind("x.io", "v1", "boats", "Boat", custom=True)
    with pytest.raises(ApiError) as caught:
        patched(kind, {}, STRATEGIC_PATCH, b"{}")
    assert caught.value.status == 415


def apply(live: Object | None, manifest: Object, manager: str = "me", *, force: bool = False) -> Object:
    """A server-side apply at no time in particular."""
    head = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
    return applied(live, head | manifest, manager=manager, force=force, at="2026-01-01T00:00:00Z")


def test_apply_takes_back_what_it_no_longer_says() -> None:
    first = apply(None, {"spec": {"a": 1, "b": {"c": 2, "d": 3}} | containers("x", "y")["spec"]})
    second = apply(first, {"spec": {"a": 1, "b": {"c": 2}} | containers("y")["spec"]})
    assert second["spec"] == {"a": 1, "b": {"c": 2}, "containers": [{"name": "y", "image": "y"}]}


def test_apply_leaves_what_others_said() -> None:
    live = apply(None, containers("x"))
    live["spec"]["containers"].append({"name": "sidecar", "image": "s"})
    live["spec"]["nodeName"] = "n1"
    found = apply(live, containers("x", tty=True))["spec"]
    assert found["nodeName"] == "n1"
    assert [each["name"] for each in found["containers"]] == ["x", "sidecar"] and found["containers"][0]["tty"]


def test_apply_tells_of_conflicts_and_takes_over_when_forced() -> None:
    live = apply(None, {"spec": {"replicas": 1}})
    assert apply(live, {"spec": {"replicas": 1}}, "other")["spec"] == {"replicas": 1}
    with pytest.raises(ApiError, match=r'conflict with "me": \.spec\.replicas') as caught:
        apply(live, {"spec": {"replicas": 2}}, "other")
    assert caught.value.status == 409
    taken = apply(live, {"spec": {"replicas": 2}}, "other", force=True)
    assert taken["spec"] == {"replicas": 2}
    assert [each["manager"] for each in taken["metadata"]["managedFields"]] == ["other"]


def test_applying_the_same_again_changes_nothing() -> None:
    live = apply(None, containers("x"))
    again = applied(live, {"metadata": {"name": "p"}} | containers("x"), manager="me", force=True, at="later")
    assert again["metadata"]["managedFields"] == live["metadata"]["managedFields"] and again["spec"] == live["spec"]
