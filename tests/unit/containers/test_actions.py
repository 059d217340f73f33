"""Operations on a running pod."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import Any

import pytest

from core.containers.actions import list_command, recreate_pod, restart_containers, stop_command
from core.engine.errors import Refusal, Trouble
from core.model.pod import KubernetesPod
from tests.unit.containers.world import PODS, World, application, declare, web

VARIABLES: dict[str, dict[str, str]] = {"site": {}}


@dataclass
class Wrote:
    stdout: str


def _pod(**fields: Any) -> KubernetesPod:
    found = declare(web(**fields)).component("web")
    assert isinstance(found, KubernetesPod)
    return found


class Runtime:
    """The nodes' runtimes: what runs for whom, and a kubelet that starts again what was stopped."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stopped: list[str] = []

    async def __call__(self, node: str, command: str) -> Wrote:
        words = shlex.split(command)
        assert words[0] == "crictl"
        assert node == "kube-2"
        if words[1] == "ps":
            return Wrote(json.dumps({"containers": self._running()}))
        for found in words[4:]:
            self._restart(found)
        return Wrote("")

    def _running(self) -> list[dict[str, Any]]:
        """All containers of the node, whatever was asked for: it is us who must not take others' for ours."""
        return [
            {
                "id": status["containerID"].removeprefix("containerd://"),
                "labels": {"io.kubernetes.pod.uid": uid, "io.kubernetes.container.name": status["name"]},
            }
            for thing in self._pods()
            for uid in [thing["metadata"]["uid"]]
            for status in thing["status"]["containerStatuses"]
        ]

    def _pods(self) -> list[dict[str, Any]]:
        return [self.world.api.objects[f"{PODS}/{name}"] for name in self.world.names(PODS)]

    def _restart(self, stopped: str) -> None:
        self.stopped.append(stopped)
        for thing in self._pods():
            for status in thing["status"]["containerStatuses"]:
                if status["containerID"] == f"containerd://{stopped}":
                    status |= {"containerID": f"containerd://{stopped}-again", "restartCount": 1}
                    self.world.api.put(f"{PODS}/{thing['metadata']['name']}", thing)


async def test_recreating_replaces_every_replica(world: World) -> None:
    await world.deploy(declare(web()))
    before = world.uids()
    await recreate_pod(world.cluster, _pod(), VARIABLES, world.report, patience=20)
    assert len(world.uids()) == 2
    assert not before & world.uids()


async def test_recreating_a_bare_pod_makes_it_again(world: World) -> None:
    await world.deploy(declare(web(replicas=0)))
    before = world.uids()
    await recreate_pod(world.cluster, _pod(replicas=0), VARIABLES, world.report, patience=20)
    assert len(world.uids()) == 1
    assert not before & world.uids()
    assert await world.plan(declare(web(replicas=0))) == {}


async def test_recreating_what_does_not_come_back_says_why(world: World) -> None:
    await world.deploy(declare(web()))
    world.healthy = False
    with pytest.raises(Trouble, match="ImagePullBackOff"):
        await recreate_pod(world.cluster, _pod(), VARIABLES, world.report, patience=0.3)


async def test_actions_on_a_pod_that_is_not_deployed_are_refused(world: World) -> None:
    with pytest.raises(Refusal, match="no replica of web runs"):
        await recreate_pod(world.cluster, _pod(), VARIABLES, world.report)
    with pytest.raises(Refusal, match="no replica of web runs"):
        await restart_containers(world.cluster, _pod(), VARIABLES, Runtime(world), world.report)


async def test_restarting_gives_new_containers_in_the_same_pods_and_spares_all_others(world: World) -> None:
    both = [application(), application("other", ports=[])]
    await world.deploy(declare(web(*both), web(name="web-2")))
    before = world.uids()
    runtime = Runtime(world)
    await restart_containers(world.cluster, _pod(applications=both), VARIABLES, runtime, world.report, patience=20)
    assert world.uids() == before
    assert len(runtime.stopped) == 4
    for thing in runtime._pods():
        again = [status["containerID"].endswith("-again") for status in thing["status"]["containerStatuses"]]
        assert all(again) if thing["metadata"]["labels"]["id"] == "web" else not any(again)


def test_every_word_is_an_argument_of_its_own() -> None:
    assert shlex.split(list_command("a b; rm"))[-1] == "io.kubernetes.pod.uid=a b; rm"
    assert shlex.split(stop_command(["one", "two"])) == ["crictl", "stop", "--timeout", "10", "one", "two"]
