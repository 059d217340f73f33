"""Commands in containers, and numbers of replicas."""

from __future__ import annotations

import pytest

from core.engine.errors import Trouble
from core.kube.access import Cluster
from core.kube.exec import execute, exit_status
from core.kube.problems import Status
from core.kube.scale import scale, wanted_replicas
from tests.unit.kube.fake_api import FakeApi

DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


async def test_a_command_has_its_status_and_both_outputs_apart(api: FakeApi, cluster: Cluster) -> None:
    api.execute = lambda command, _: (3, " ".join(command).encode(), b"oops")
    done = await execute(cluster, "default", "web", ["cat", "a b", "é"])
    assert (done.status, done.stdout.decode(), done.stderr) == (3, "cat a b é", b"oops")


async def test_input_reaches_the_command_whole_and_ends(api: FakeApi, cluster: Cluster) -> None:
    api.execute = lambda _, stdin: (0, stdin, b"")
    sent = bytes(range(256)) * 400
    done = await execute(cluster, "default", "web", ["cat"], stdin=sent)
    assert (done.status, done.stdout) == (0, sent)


async def test_a_command_may_end_without_reading_its_input(api: FakeApi, cluster: Cluster) -> None:
    api.reads_input = False
    api.execute = lambda _, stdin: (7, b"enough", b"")
    done = await execute(cluster, "default", "web", ["head"], stdin=b"x" * (8 << 20))
    assert (done.status, done.stdout) == (7, b"enough")


def test_a_command_that_did_not_run_at_all_is_trouble() -> None:
    with pytest.raises(Trouble, match="no such file"):
        exit_status(Status(status="Failure", message="exec: no such file"), "alpha/default/web")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("Deployment", DEPLOYMENTS),
        ("ReplicationController", "/api/v1/namespaces/default/replicationcontrollers"),
    ],
)
async def test_scaling_changes_the_number_and_tells_the_one_before(
    api: FakeApi, cluster: Cluster, kind: str, path: str
) -> None:
    api.put(f"{path}/web", {"kind": kind, "spec": {"replicas": 2}})
    assert await scale(cluster, kind, "default", "web", 3) == 2
    assert await wanted_replicas(cluster, kind, "default", "web") == 3


async def test_scaling_to_the_same_number_writes_nothing(api: FakeApi, cluster: Cluster) -> None:
    api.put(f"{DEPLOYMENTS}/web", {"kind": "Deployment", "spec": {"replicas": 2}})
    await scale(cluster, "Deployment", "default", "web", 2)
    assert api.asked("PATCH", "scale") == []


async def test_scaling_what_is_not_there_or_cannot_be_scaled_is_said(cluster: Cluster) -> None:
    with pytest.raises(Trouble, match="no Deployment default/web"):
        await scale(cluster, "Deployment", "default", "web", 2)
    with pytest.raises(Trouble, match="DaemonSet cannot be scaled"):
        await scale(cluster, "DaemonSet", "default", "web", 2)
