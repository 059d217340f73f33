"""One node's kubelet: it keeps its Node, and runs the pods that are bound to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from core.simulator.kubernetes.kubelet.fleet import Fleet
from core.simulator.kubernetes.kubelet.heart import Heart
from core.simulator.kubernetes.kubelet.life import Said, advance, ailment, begin, kill, spec_of, stop
from core.simulator.kubernetes.kubelet.node import NodeFacts
from core.simulator.kubernetes.kubelet.pace import Pace
from core.simulator.kubernetes.kubelet.resume import resume
from core.simulator.kubernetes.kubelet.runs import NEVER, ContainerRun, PodRun, container_id
from core.simulator.kubernetes.kubelet.status import pod_status
from core.simulator.kubernetes.kubelet.volumes import volume_trouble
from core.simulator.kubernetes.objects import ApiError
from core.simulator.kubernetes.pods import FINISHED
from core.simulator.kubernetes.recorder import Recorder
from core.simulator.kubernetes.shape import Key, Object, leaving, reference


@dataclass(frozen=True, slots=True)
class Ailments:
    """What is wrong with a node now: its pods' containers end with a status, everything takes a factor longer.

    `obstacle` is why the node is not ready, empty where it is.
    """

    crash: Callable[[str], int | None] = lambda pod: None
    slowness: Callable[[], float] = lambda: 1.0
    obstacle: Callable[[], str] = lambda: ""


@dataclass(frozen=True, slots=True)
class RunningContainer:
    """A container as the node's runtime knows it; `created` is in seconds since the epoch."""

    id: str
    name: str
    pod: Key
    uid: str
    attempt: int
    created: float
    image: str


@dataclass(slots=True, eq=False)
class Kubelet:
    """Joins its cluster's fleet between `start` and `stop`; what ran when it stops is taken up when it starts."""

    fleet: Fleet
    facts: NodeFacts
    ailments: Ailments = Ailments()
    log: Callable[[str], None] = lambda text: None
    _runs: dict[Key, PodRun] = field(default_factory=dict)
    _images: set[str] = field(default_factory=set)
    _recorder: Recorder = field(init=False)
    _heart: Heart = field(init=False)
    _life: int = 0
    _running: bool = False

    async def start(self) -> None:
        """Register the node, or go on with it; returns at once."""
        fleet = self.fleet
        self._recorder = Recorder(fleet.objects, fleet.clock, "kubelet", self.facts.name)
        self._heart = Heart(fleet.objects, self.facts, self._recorder, fleet.pace.status, self.log)
        self._life += 1
        fleet.join(self)
        fleet.at(self.now, partial(self._register, self._life))

    async def stop(self) -> None:
        """Leave everything as it is: pods run on, the node falls silent."""
        self._life += 1
        self._running = False
        await self.fleet.leave(self)
        for run in self._runs.values():
            self.fleet.tell(run)
        self._runs.clear()

    def _register(self, life: int) -> None:
        if life != self._life:
            return
        rebooted = self._heart.register()
        self._running = True
        for key in self.fleet.bound(self.facts.name):
            self.take(key, rebooted=rebooted)
        self._beat(life)

    def _beat(self, life: int) -> None:
        obstacle = self.ailments.obstacle() if life == self._life else ""
        if life == self._life and self._heart.beat(obstacle, self._images, self.now):
            pause = self.pace.sync if obstacle else self.pace.lease
            self.fleet.at(self.now + pause, partial(self._beat, life))

    # ── Surroundings of its pods' lives ──

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.fleet.clock()

    @property
    def pace(self) -> Pace:
        """How long things take here now."""
        factor, pace = self.ailments.slowness(), self.fleet.pace
        if factor == 1.0:
            return pace
        slow = {
            name: getattr(pace, name) * factor for name in ("sandbox", "pull", "pull_per_gigabyte", "start", "stop")
        }
        return replace(pace, **slow)

    def has_image(self, image: str) -> bool:
        """Whether the node has the image already."""
        return image in self._images

    def keep_image(self, image: str) -> None:
        """The image was pulled."""
        self._images.add(image)

    def crash(self, pod: Key) -> int | None:
        """The status with which every container of this pod ends now, None where none has to."""
        return self.ailments.crash(pod[1])

    def hindrance(self, pod: Object) -> str:
        """Why the pod's volumes cannot be set up, empty where they can."""
        return volume_trouble(pod, self.fleet.objects)

    # ── Pods ──

    def survey(self) -> None:
        """Look at all pods of the node: some may have come, gone, or been told to end."""
        for run in list(self._runs.values()):
            pod = self.fleet.objects.get("pods", *run.key)
            if pod is None or pod["metadata"]["uid"] != run.uid:
                self.gone(run)
            elif leaving(pod):
                self.end(run)
        for key in self.fleet.bound(self.facts.name):
            self.take(key)

    def take(self, key: Key, *, rebooted: bool = False) -> None:
        """A pod is bound to this node; one that was here before goes on."""
        pod = self.fleet.objects.get("pods", *key) if self._running and key not in self._runs else None
        if pod is None:
            return
        status: Object = pod.get("status") or {}
        if address := status.get("podIP"):
            self._adopt(resume(pod, self.facts.name, address, self, rebooted=rebooted), pod)
        elif status.get("phase") not in FINISHED:
            self._adopt(begin(pod, self.facts.name, self._address(pod), self), pod)

    def end(self, run: PodRun) -> None:
        """A pod is to end."""
        pod = self.fleet.objects.get("pods", *run.key)
        if pod is not None:
            self._say(pod, stop(run, self))
            self._schedule(run)

    def gone(self, run: PodRun) -> None:
        """A pod is there no longer."""
        if self._runs.get(run.key) is run:
            del self._runs[run.key]
        if run.ip != self.facts.address:
            self.fleet.network.release(run.ip)
        run.serial += 1
        self.fleet.drop(run)

    def containers(self) -> list[RunningContainer]:
        """What the node's runtime runs."""
        return [
            self._known(run, one) for run in self._runs.values() for one in run.containers if one.state == "running"
        ]

    def restart_container(self, id: str, exit_code: int = 0) -> bool:
        """Stop a container by its id, as someone at the runtime would; False where no such one runs.

        The kubelet starts it again where its pod's restart policy says so.
        """
        for run in self._runs.values():
            for one in run.containers:
                if one.state == "running" and container_id(run.uid, one.name, one.attempt).startswith(id):
                    kill(one, exit_code, self)
                    self._schedule(run)
                    return True
        return False

    def look_again(self) -> None:
        """What ails the node has changed: containers that have to end do so now."""
        for run in list(self._runs.values()):
            running = [one for one in run.containers if one.state == "running"]
            if running and (status := self.crash(run.key)) is not None:
                for one in running:
                    kill(one, status, self, ailment(status))
                self._schedule(run)

    def _address(self, pod: Object) -> str:
        if pod["spec"].get("hostNetwork"):
            return self.facts.address
        return self.fleet.network.allocate(self.facts.name)

    def _adopt(self, run: PodRun, pod: Object) -> None:
        if run.ip != self.facts.address:
            self.fleet.network.claim(self.facts.name, run.ip)
        self._runs[run.key] = run
        self.fleet.put(self, run)
        if leaving(pod):
            self.end(run)
        else:
            self._tell(run, pod)
            self._schedule(run)

    def _schedule(self, run: PodRun) -> None:
        run.serial += 1
        serial = run.serial
        if run.next < NEVER:
            self.fleet.at(run.next, partial(self._advance, run, serial))

    def _advance(self, run: PodRun, serial: int) -> None:
        if serial != run.serial or self._runs.get(run.key) is not run:
            return
        pod = self.fleet.objects.get("pods", *run.key)
        if pod is None or pod["metadata"]["uid"] != run.uid:
            self.gone(run)
            return
        self._say(pod, advance(run, pod, self))
        if run.stage == "done":
            self._finish(run)
            return
        self._tell(run, pod)
        self._schedule(run)

    def _finish(self, run: PodRun) -> None:
        """All containers have ended: the pod's object may go."""
        self.gone(run)
        try:
            self.fleet.objects.delete("pods", *run.key, grace=0)
        except ApiError as error:
            if error.status != 404:
                raise

    def _tell(self, run: PodRun, pod: Object) -> None:
        status = pod_status(run, pod, self.facts.address, self.now)
        if status != pod.get("status"):
            self.fleet.objects.update_status("pods", *run.key, status)
        self.fleet.tell(run)

    def _say(self, pod: Object, said: list[Said]) -> None:
        for one in said:
            about = reference("pods", pod)
            about |= {"fieldPath": f"spec.containers{{{one.container}}}"} if one.container else {}
            self._recorder.record(about, one.reason, one.message, one.type)

    def _known(self, run: PodRun, one: ContainerRun) -> RunningContainer:
        pod = self.fleet.objects.get("pods", *run.key)
        image = spec_of(pod, one.name)["image"] if pod is not None else ""
        id = container_id(run.uid, one.name, one.attempt)
        return RunningContainer(id, one.name, run.key, run.uid, one.attempt, one.started, image)
