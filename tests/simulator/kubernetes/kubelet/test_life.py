"""A pod's life on its node: pure, with a clock that the test turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from core.simulator.kubernetes.kubelet.life import Said, advance, begin, kill, stop
from core.simulator.kubernetes.kubelet.pace import Pace
from core.simulator.kubernetes.kubelet.resume import resume
from core.simulator.kubernetes.kubelet.runs import NEVER, PodRun
from core.simulator.kubernetes.kubelet.status import pod_status
from core.simulator.kubernetes.shape import Key, Object, holds
from tests.simulator.kubernetes.made import NOW, meta, template


@dataclass
class Node:
    """Surroundings whose time is the test's."""

    now: float = NOW
    pace: Pace = field(default_factory=Pace)
    images: set[str] = field(default_factory=set)
    crashing: int | None = None
    trouble: str = ""

    def has_image(self, image: str) -> bool:
        return image in self.images

    def keep_image(self, image: str) -> None:
        self.images.add(image)

    def crash(self, pod: Key) -> int | None:
        return self.crashing

    def hindrance(self, pod: Object) -> str:
        return self.trouble


class Life:
    """A pod that is moved on step by step; `said` is what was told of it so far."""

    def __init__(self, node: Node | None = None, **spec: Any) -> None:
        self.node = node or Node()
        self.pod = {"metadata": meta("web"), "spec": template(**spec)["spec"], "status": {}}
        self.run = begin(self.pod, "kube-2", "10.244.0.1", self.node)
        self.said: list[Said] = []
        self.look()

    def look(self) -> None:
        self.pod["status"] = pod_status(self.run, self.pod, "10.0.0.2", self.node.now)

    def step(self, times: int = 1) -> None:
        """On to the next moment at which something happens."""
        for _ in range(times):
            self.node.now = self.run.next
            self.said += advance(self.run, self.pod, self.node)
            self.look()

    def until(self, word: str) -> None:
        """On until a container says this word of itself."""
        for _ in range(50):
            if word in self.words:
                return
            self.step()
        raise AssertionError(f"never {word}, but {self.words}")

    @property
    def words(self) -> list[str]:
        """What each container says of itself: the reason, or "running"."""
        found = self.pod["status"].get("initContainerStatuses", []) + self.pod["status"]["containerStatuses"]
        return [next((v.get("reason", "running") for v in one["state"].values()), "") for one in found]

    @property
    def reasons(self) -> list[str]:
        return [one.reason for one in self.said]

    @property
    def phase(self) -> str:
        return str(self.pod["status"]["phase"])

    @property
    def main(self) -> Object:
        found: Object = self.pod["status"]["containerStatuses"][0]
        return found

    def settle(self, seconds: float = 1.0) -> None:
        """On as long as something happens within so many seconds."""
        end = self.node.now + seconds
        while self.run.next <= end:
            self.step()


def test_from_creating_to_ready() -> None:
    life = Life()
    assert (life.phase, life.words) == ("Pending", ["ContainerCreating"])
    assert "podIP" not in life.pod["status"]
    life.settle()
    assert (life.phase, life.words, life.run.next) == ("Running", ["running"], NEVER)
    assert life.reasons == ["Pulling", "Pulled", "Created", "Started"]
    assert life.pod["status"]["podIP"] == "10.244.0.1"
    assert holds(life.pod, "Ready")
    assert life.main["containerID"].startswith("containerd://")


def test_an_image_that_is_there_is_not_pulled_again() -> None:
    node = Node(images={"nginx:1.29"})
    life = Life(node)
    life.settle()
    assert life.reasons == ["Pulled", "Created", "Started"]


@pytest.mark.parametrize("image", ["nginx:does-not-exist", "no-such-registry.example.org/nginx:1"])
def test_an_image_that_is_not_there_is_backed_off_from(image: str) -> None:
    life = Life(image=image)
    life.until("ErrImagePull")
    life.until("ImagePullBackOff")
    assert life.phase == "Pending"
    assert life.reasons.count("Failed") == 3
    before = life.run.next - life.node.now
    life.step(2)
    life.until("ImagePullBackOff")
    assert life.run.next - life.node.now == pytest.approx(2 * before)


def test_what_is_no_image_reference_is_said() -> None:
    life = Life(image="Nginx:Latest:1")
    life.until("InvalidImageName")
    assert "couldn't parse image name" in life.main["state"]["waiting"]["message"]


def test_a_container_that_ends_is_restarted_at_once_and_then_later_and_later() -> None:
    life = Life(container={"command": ["false"]})
    life.until("Error")
    assert life.main["restartCount"] == 0
    life.until("running")
    assert life.main["restartCount"] == 1
    waits = []
    for _ in range(3):
        life.until("CrashLoopBackOff")
        waits.append(life.run.next - life.node.now)
        life.until("running")
    assert waits == pytest.approx([1.0, 2.0, 4.0])
    assert life.phase == "Running"
    assert "BackOff" in life.reasons
    assert life.main["lastState"]["terminated"]["exitCode"] == 1


def test_status_137_is_a_lack_of_memory() -> None:
    life = Life(Node(crashing=137))
    life.until("OOMKilled")
    life.node.crashing = None
    life.until("running")
    life.settle()
    assert holds(life.pod, "Ready")
    assert life.main["lastState"]["terminated"]["reason"] == "OOMKilled"


def test_init_containers_come_one_after_another() -> None:
    inits = [{"name": name, "image": "busybox:1"} for name in ("first", "second")]
    life = Life(initContainers=inits)
    assert life.words == ["PodInitializing"] * 3
    life.until("running")
    assert life.words == ["running", "PodInitializing", "PodInitializing"]
    assert not holds(life.pod, "Initialized")
    life.settle(5)
    assert life.words == ["Completed", "Completed", "running"]
    assert holds(life.pod, "Initialized")


def test_a_sidecar_runs_before_and_beside() -> None:
    life = Life(initContainers=[{"name": "side", "image": "nginx:1", "restartPolicy": "Always"}])
    life.settle()
    assert life.words == ["running", "running"]
    assert holds(life.pod, "Ready")


@pytest.mark.parametrize(("command", "phase"), [("true", "Succeeded"), ("false", "Failed"), ("exit 3", "Failed")])
def test_a_pod_that_is_not_restarted_ends(command: str, phase: str) -> None:
    life = Life(restartPolicy="Never", container={"command": ["sh", "-c", command]})
    life.settle()
    assert (life.phase, life.run.next) == (phase, NEVER)
    assert not holds(life.pod, "Ready")


def test_a_probe_of_a_port_that_nobody_listens_on_fails_until_it_is_another_one() -> None:
    probe = {"httpGet": {"port": 81, "path": "/"}, "periodSeconds": 1}
    life = Life(container={"readinessProbe": probe})
    life.until("running")
    life.step(2)
    assert not holds(life.pod, "Ready")
    assert any("connection refused" in one.message for one in life.said)
    probe["httpGet"] = {"port": 80, "path": "/"}
    life.step()
    assert holds(life.pod, "Ready")


def test_the_delay_of_a_probe_is_heeded_in_shortened_time() -> None:
    life = Life(container={"readinessProbe": {"tcpSocket": {"port": 80}, "initialDelaySeconds": 20}})
    life.until("running")
    assert life.run.next - life.node.now == pytest.approx(2.0)
    life.step()
    assert holds(life.pod, "Ready")


def test_a_container_that_fails_its_liveness_probe_is_restarted() -> None:
    life = Life(container={"livenessProbe": {"tcpSocket": {"port": 81}, "failureThreshold": 2, "periodSeconds": 1}})
    life.until("running")
    life.until("Error")
    assert life.reasons.count("Unhealthy") == 2


def test_what_cannot_be_mounted_holds_the_pod_up() -> None:
    node = Node(trouble='MountVolume.SetUp failed for volume "c" : configmap "c" not found')
    life = Life(node)
    life.step()
    assert (life.words, life.reasons) == (["ContainerCreating"], ["FailedMount"])
    node.trouble = ""
    life.settle(3)
    assert life.words == ["running"]


def test_a_pod_is_told_to_end_and_does() -> None:
    life = Life()
    life.settle()
    assert [one.reason for one in stop(life.run, life.node)] == ["Killing"]
    assert stop(life.run, life.node) == []
    life.step()
    assert life.run.stage == "done"


def test_a_container_that_is_stopped_in_the_runtime_comes_back_with_a_new_id() -> None:
    life = Life()
    life.settle()
    before = life.main["containerID"]
    kill(life.run.containers[0], 0, life.node)
    life.settle()
    assert life.words == ["running"]
    assert (life.main["restartCount"], life.main["containerID"] != before) == (1, True)


def again(life: Life, *, rebooted: bool) -> PodRun:
    life.run = resume(life.pod, "kube-2", "10.244.0.1", life.node, rebooted=rebooted)
    return life.run


def test_a_new_kubelet_takes_up_what_runs() -> None:
    life = Life()
    life.settle()
    before = life.pod["status"]
    assert again(life, rebooted=False).next == NEVER
    life.look()
    assert life.pod["status"] == before


def test_after_a_reboot_everything_starts_anew() -> None:
    life = Life()
    life.settle()
    again(life, rebooted=True)
    life.settle()
    assert (life.words, life.main["restartCount"]) == (["running"], 1)


def test_a_back_off_is_taken_up() -> None:
    life = Life(container={"command": ["false"]})
    life.until("CrashLoopBackOff")
    again(life, rebooted=False)
    life.until("running")
    assert life.main["restartCount"] == 2
