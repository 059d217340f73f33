"""The registry of actions on live objects: its keys, and the reasons why something is not possible."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from core.actions import ACTIONS, LIVE_ACTIONS, Selection, action
from core.actions.live import SUBJECTS, subjects_of
from core.live.objects import ClusterRef, Kind, Rights, Target
from core.status import ComponentStatus, EnvironmentStatus, NodeStatus

ALPHA = ClusterRef("lab", "alpha")
TAKEN = {"ctrl+a", "ctrl+b", "ctrl+space", "ctrl+d", "ctrl+k", "ctrl+z"}


def _row(**parts: Any) -> Any:
    return SimpleNamespace(**{key: SimpleNamespace(**fields) for key, fields in parts.items()})


def _target(kind: str, resource: str, row: Any = None, version: str = "v1") -> Target:
    return Target(ALPHA, Kind(kind, resource, version), "web", "default", "uid", row=row)


def _selection(*targets: Target, **others: Any) -> Selection:
    machines = (NodeStatus("kube-2", "worker", True, "10.0.0.2"),)
    cluster = ComponentStatus("alpha", "KubernetesCluster", nodes=machines)
    status = EnvironmentStatus("lab", "ready", "nspawn", False, (cluster,), deployed=True)
    return Selection(status, objects=targets, **others)


def test_ids_are_unique_and_no_key_is_taken_by_terminals() -> None:
    ids = [one.id for one in (*ACTIONS, *LIVE_ACTIONS)]
    assert len(ids) == len(set(ids))
    assert not {one.key for one in LIVE_ACTIONS} & TAKEN


def test_a_key_is_harmless_everywhere_or_nowhere() -> None:
    dangers: dict[str, set[bool]] = {}
    for one in (*ACTIONS, *LIVE_ACTIONS):
        if one.key:
            dangers.setdefault(one.key, set()).add(one.danger == "none")
    assert all(len(found) == 1 for found in dangers.values()), dangers


@pytest.mark.parametrize("kind", [*SUBJECTS, "ConfigMap"])
def test_a_key_means_one_thing_on_each_kind(kind: str) -> None:
    offered = [one for one in LIVE_ACTIONS if one.key and one.subjects & set(subjects_of(kind))]
    keys = [one.key for one in offered]
    assert len(keys) == len(set(keys))


def test_reading_is_possible_in_a_read_only_environment_and_changing_is_not() -> None:
    target = _target("Deployment", "deployments", version="apps/v1")
    selection = _selection(target, read_only=frozenset({"lab"}))
    assert action("describe").refusal(selection) is None
    assert "read-only" in str(action("restart").refusal(selection))


def test_several_objects_only_where_the_action_takes_several() -> None:
    pods = [_target("Pod", "pods"), _target("Pod", "pods")]
    assert action("delete").refusal(_selection(*pods)) is None
    assert "one at a time" in str(action("yaml").refusal(_selection(*pods)))


def test_an_access_review_that_says_no_is_the_reason() -> None:
    target = _target("Deployment", "deployments", version="apps/v1")
    right = action("scale").needs[0].of(target)
    assert (right.resource, right.group, right.subresource) == ("deployments", "apps", "scale")
    selection = _selection(target, rights=Rights({(ALPHA, right): "you may not"}))
    assert action("scale").refusal(selection) == "you may not"
    assert action("restart").refusal(selection) is None


def test_what_a_controller_owns_is_scaled_there() -> None:
    owner = SimpleNamespace(kind="Deployment", name="web", controller=True)
    row = _row(metadata={"owner_references": (owner,)}, spec={"replicas": 2})
    target = _target("ReplicaSet", "replicasets", row, "apps/v1")
    assert "belongs to Deployment web" in str(action("scale-up").refusal(_selection(target)))


def test_scaling_ends_at_zero() -> None:
    row = _row(metadata={"owner_references": ()}, spec={"replicas": 0})
    target = _target("Deployment", "deployments", row, "apps/v1")
    assert "no replicas" in str(action("scale-down").refusal(_selection(target)))
    assert action("scale-up").refusal(_selection(target)) is None


def test_a_paused_rollout_does_not_begin_another_one() -> None:
    target = _target("Deployment", "deployments", _row(spec={"paused": True}), "apps/v1")
    assert "resume it first" in str(action("restart").refusal(_selection(target)))
    assert "resume it first" in str(action("undo").refusal(_selection(target)))
    assert action("hold").refusal(_selection(target)) is None
    assert "cannot be paused" in str(action("hold").refusal(_selection(_target("DaemonSet", "daemonsets"))))


def test_a_finished_pod_has_no_shell() -> None:
    target = _target("Pod", "pods", _row(status={"phase": "Succeeded"}))
    assert "has ended" in str(action("shell").refusal(_selection(target)))


def test_there_is_no_former_log_without_a_restart() -> None:
    never = _row(status={"container_statuses": (SimpleNamespace(restart_count=0),)})
    once = _row(status={"container_statuses": (SimpleNamespace(restart_count=1),)})
    assert "no container" in str(action("previous-logs").refusal(_selection(_target("Pod", "pods", never))))
    assert action("previous-logs").refusal(_selection(_target("Pod", "pods", once))) is None


def test_cordon_and_uncordon_exclude_each_other() -> None:
    open_node = _target("Node", "nodes", _row(spec={"unschedulable": False}))
    closed = _target("Node", "nodes", _row(spec={"unschedulable": True}))
    assert action("cordon").refusal(_selection(open_node)) is None
    assert "not cordoned" in str(action("uncordon").refusal(_selection(open_node)))
    assert "cordoned already" in str(action("cordon").refusal(_selection(closed)))
    assert action("uncordon").refusal(_selection(closed)) is None


def test_a_machines_node_is_not_deleted_alone() -> None:
    node = Target(ALPHA, Kind("Node", "nodes", "v1", namespaced=False), "kube-2")
    stray = Target(ALPHA, Kind("Node", "nodes", "v1", namespaced=False), "stranger")
    assert "scale the cluster down" in str(action("delete").refusal(_selection(node)))
    assert action("delete").refusal(_selection(stray)) is None


def test_a_pod_without_controller_is_not_recreated() -> None:
    target = _target("Pod", "pods", _row(metadata={"owner_references": ()}))
    assert "nothing would bring it back" in str(action("recreate").refusal(_selection(target)))


def test_a_pod_without_node_shows_none() -> None:
    target = _target("Pod", "pods", _row(spec={"node_name": ""}))
    assert "on no node" in str(action("show-node").refusal(_selection(target)))
