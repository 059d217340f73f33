"""The rows that people see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.simulator.kubernetes.kinds import BY_RESOURCE, KINDS, Column, Kind
from core.simulator.kubernetes.tables.column import duration, selector
from core.simulator.kubernetes.tables.pod import status_word
from core.simulator.kubernetes.tables.table import cells_of, table

Object = dict[str, Any]


def row(resource: str, obj: Object) -> dict[str, object]:
    """An object's cells by the names of their columns."""
    kind = BY_RESOURCE[resource]
    made = table(kind, [{"metadata": {"name": "x", "namespace": "default"}} | obj], {"resourceVersion": "1"})
    names = [each["name"] for each in made["columnDefinitions"]]
    return dict(zip(names, made["rows"][0]["cells"], strict=True))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (125, "2m5s"),
        (660, "11m"),
        (3 * 3600 + 60, "3h1m"),
        (50 * 3600, "2d2h"),
        (9 * 86400, "9d"),
    ],
)
def test_ages(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.resource)
def test_every_kind_has_a_row_for_an_object_with_nothing_in_it(kind: Kind) -> None:
    made = table(kind, [{"metadata": {"name": "x"}}], {})
    assert len(made["rows"][0]["cells"]) == len(cells_of(kind)) == len(made["columnDefinitions"])


def pod(**status: object) -> Object:
    return {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a"}, {"name": "b"}]}, "status": status}


def container(state: Object, *, ready: bool = False) -> Object:
    return {"name": "a", "ready": ready, "restartCount": 0, "state": state}


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ({"phase": "Pending"}, "Pending"),
        ({"phase": "Running", "containerStatuses": [container({"running": {}}, ready=True)]}, "Running"),
        ({"phase": "Failed", "reason": "Evicted"}, "Evicted"),
        (
            {"phase": "Pending", "containerStatuses": [container({"waiting": {"reason": "ImagePullBackOff"}})]},
            "ImagePullBackOff",
        ),
        ({"phase": "Running", "containerStatuses": [container({"terminated": {"exitCode": 3}})]}, "ExitCode:3"),
        ({"phase": "Running", "containerStatuses": [container({"terminated": {"reason": "Error"}})]}, "Error"),
        (
            {"phase": "Pending", "initContainerStatuses": [container({"waiting": {"reason": "PodInitializing"}})]},
            "Init:0/0",
        ),
        (
            {"phase": "Pending", "initContainerStatuses": [container({"terminated": {"exitCode": 1}})]},
            "Init:ExitCode:1",
        ),
    ],
)
def test_words_for_pods(status: Object, word: str) -> None:
    assert status_word(pod(**status)) == word


def test_a_pod_that_goes_is_terminating() -> None:
    going = pod(phase="Running")
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert status_word(going) == "Terminating"


def test_a_pods_restarts_say_when_the_last_was() -> None:
    ended = (datetime.now(UTC) - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    last = {"terminated": {"exitCode": 1, "finishedAt": ended}}
    found = row("pods", pod(containerStatuses=[container({"running": {}}) | {"restartCount": 4, "lastState": last}]))
    assert found["Restarts"] in ("4 (5m ago)", "4 (5m1s ago)") and found["Ready"] == "0/2"


def test_workloads_services_and_nodes() -> None:
    spec = {"replicas": 3, "template": {"spec": {"containers": [{"name": "c", "image": "nginx"}]}}}
    found = row("deployments.apps", {"spec": spec, "status": {"readyReplicas": 2, "updatedReplicas": 1}})
    assert (found["Ready"], found["Up-to-date"], found["Available"], found["Images"]) == ("2/3", "1", "0", "nginx")
    ports = [{"port": 80, "protocol": "TCP", "nodePort": 30080}, {"port": 53, "protocol": "UDP"}]
    found = row(
        "services", {"spec": {"type": "NodePort", "clusterIP": "10.96.0.9", "ports": ports, "selector": {"a": "b"}}}
    )
    assert (found["Port(s)"], found["External-IP"], found["Selector"]) == ("80:30080/TCP,53/UDP", "<none>", "a=b")
    conditions = [{"type": "Ready", "status": "False"}]
    labels = {"node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "old"}
    node = {"metadata": {"name": "n", "labels": labels}, "spec": {"unschedulable": True}}
    found = row("nodes", node | {"status": {"conditions": conditions}})
    assert (found["Status"], found["Roles"]) == ("NotReady,SchedulingDisabled", "control-plane,old")
    assert selector({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["y", "x"]}]}) == "a notin (x,y)"


def test_custom_kinds_have_their_own_columns() -> None:
    kind = Kind("x.io", "v1", "boats", "Boat", custom=True, columns=(Column("Crew", "integer", ".spec.crew"),))
    made = table(kind, [{"metadata": {"name": "a"}, "spec": {"crew": 5}}], {})
    assert made["rows"][0]["cells"] == ["a", 5]


def test_a_row_carries_what_was_asked_for() -> None:
    kind, obj = BY_RESOURCE["configmaps"], {"metadata": {"name": "a"}, "data": {"k": "v"}}
    assert table(kind, [obj], {}, include="Object")["rows"][0]["object"] == obj
    assert table(kind, [obj], {})["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    assert "object" not in table(kind, [obj], {}, include="None")["rows"][0]
