"""The life of a pod on its node, from its sandbox to its end; no clock, no I/O: time and surroundings are given.

Rules: kubernetes/pkg/kubelet (kubelet_pods.go, kuberuntime_manager.go, images/image_manager.go).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from core.simulator.kubernetes.kubelet import images
from core.simulator.kubernetes.kubelet.pace import BACK_OFF_FIRST, BACK_OFF_FORGOTTEN, BACK_OFF_LONGEST, Pace
from core.simulator.kubernetes.kubelet.probes import Verdict, delay, live, period, readiness
from core.simulator.kubernetes.kubelet.runs import NEVER, ContainerRun, Ended, Kind, PodRun
from core.simulator.kubernetes.shape import Key, Object, key_of, uid_of


@dataclass(frozen=True, slots=True)
class Said:
    """An event about a pod, of one of its containers where one is named."""

    reason: str
    message: str
    container: str = ""
    type: str = "Normal"


class Surroundings(Protocol):
    """What a pod's life depends on beside itself."""

    @property
    def now(self) -> float:
        """Seconds since the epoch."""

    @property
    def pace(self) -> Pace:
        """How long things take now."""

    def has_image(self, image: str) -> bool:
        """Whether the node has the image already."""

    def keep_image(self, image: str) -> None:
        """The image was pulled."""

    def crash(self, pod: Key) -> int | None:
        """The status with which every container of this pod ends now, None where none has to."""

    def hindrance(self, pod: Object) -> str:
        """Why the pod's volumes cannot be set up, empty where they can."""


def begin(pod: Object, node: str, ip: str, around: Surroundings) -> PodRun:
    """A pod that the kubelet has just heard of."""
    run = PodRun(key_of(pod), uid_of(pod), node, ip, around.now, due=around.now + around.pace.sandbox)
    spec = pod["spec"]
    for container in spec.get("initContainers") or ():
        kind: Kind = "sidecar" if container.get("restartPolicy") == "Always" else "init"
        run.containers.append(ContainerRun(container["name"], kind, reason="PodInitializing"))
    reason = "PodInitializing" if run.containers else "ContainerCreating"
    run.containers += [ContainerRun(each["name"], reason=reason) for each in spec["containers"]]
    return run


def advance(run: PodRun, pod: Object, around: Surroundings) -> list[Said]:
    """Do everything that is due by now, and say what happened."""
    said: list[Said] = []
    while run.next <= around.now:
        if run.due <= around.now:
            said += _advance_pod(run, pod, around)
        else:
            container = min(run.containers, key=lambda one: one.next)
            said += _advance_container(run, container, pod, around)
    return said


def stop(run: PodRun, around: Surroundings) -> list[Said]:
    """The pod is to end: its containers are told so."""
    if run.stage in ("stopping", "done"):
        return []
    running = [one for one in run.containers if one.state == "running"]
    run.stage, run.due = "stopping", around.now + (around.pace.stop if running else 0.0)
    for one in run.containers:
        one.due = one.exits = one.probes = NEVER
    return [Said("Killing", f"Stopping container {one.name}", one.name) for one in running]


def kill(container: ContainerRun, exit_code: int, around: Surroundings, reason: str = "") -> None:
    """The container's process ends now, from outside."""
    if container.state == "running":
        container.exits, container.exit_code, container.exit_reason = around.now, exit_code, reason


def ailment(status: int) -> str:
    """What is said of a container that a fault ends: 137 stands for a lack of memory."""
    return "OOMKilled" if status == 137 else "Error" if status else "Completed"


def _advance_pod(run: PodRun, pod: Object, around: Surroundings) -> list[Said]:
    run.due = NEVER
    if run.stage == "stopping":
        run.stage = "done"
        return []
    run.hindered = around.hindrance(pod)
    if run.hindered:
        run.due = around.now + around.pace.waiting * BACK_OFF_FIRST
        return [Said("FailedMount", run.hindered, type="Warning")]
    run.stage = "running"
    _start_next(run, around)
    return []


def _start_next(run: PodRun, around: Surroundings) -> None:
    """The first init container that has not ended well yet, or all others at once."""
    for one in run.containers:
        if one.kind == "init" and not one.succeeded:
            return one.then("pull", around.now) if not one.step and one.state == "waiting" else None
        if one.kind == "sidecar" and one.state != "running":
            return one.then("pull", around.now) if not one.step else None
    for one in run.containers:
        if one.kind == "main" and one.state == "waiting" and not one.step:
            one.reason = "ContainerCreating"
            one.then("pull", around.now)
    return None


def _advance_container(run: PodRun, one: ContainerRun, pod: Object, around: Surroundings) -> Iterator[Said]:
    spec = spec_of(pod, one.name)
    if one.exits <= around.now:
        yield from _exit(run, one, pod, around)
    elif one.probes <= around.now:
        yield from _probe(run, one, spec, around)
    else:
        step, one.step, one.due = one.step, "", NEVER
        yield from _STEPS[step](run, one, spec, pod, around)


def spec_of(pod: Object, name: str) -> Object:
    """A container as its pod declares it."""
    spec = pod["spec"]
    declared = [*(spec.get("initContainers") or ()), *spec["containers"]]
    found: Object = next(each for each in declared if each["name"] == name)
    return found


def _pull(run: PodRun, one: ContainerRun, spec: Object, pod: Object, around: Surroundings) -> Iterator[Said]:
    image = spec["image"]
    if images.invalid(image):
        parsed = f'couldn\'t parse image name "{image}": invalid reference format'
        text = f'Failed to apply default image tag "{image}": {parsed}'
        one.wait("InvalidImageName", text)
        one.then("pull", around.now + BACK_OFF_FIRST * around.pace.waiting)
        yield Said("InspectFailed", text, one.name, "Warning")
        yield Said("Failed", "Error: InvalidImageName", one.name, "Warning")
    elif around.has_image(image) and spec.get("imagePullPolicy") != "Always":
        yield Said("Pulled", f'Container image "{image}" already present on machine', one.name)
        one.then("start", around.now + around.pace.start)
    elif spec.get("imagePullPolicy") == "Never":
        one.wait("ErrImageNeverPull", f'Container image "{image}" is not present with pull policy of Never')
        one.then("pull", around.now + BACK_OFF_FIRST * around.pace.waiting)
        yield Said("ErrImageNeverPull", one.message, one.name, "Warning")
    else:
        yield Said("Pulling", f'Pulling image "{image}"', one.name)
        one.then("pulled", around.now + _pull_time(image, around))


def _pull_time(image: str, around: Surroundings) -> float:
    return 0.05 if around.has_image(image) else around.pace.pulling(images.size_of(image))


def _pulled(run: PodRun, one: ContainerRun, spec: Object, pod: Object, around: Surroundings) -> Iterator[Said]:
    image = spec["image"]
    if trouble := images.pull_trouble(image):
        one.pulls += 1
        one.wait("ErrImagePull", trouble)
        one.then("refused", around.now + around.pace.moment)
        yield Said("Failed", f'Failed to pull image "{image}": {trouble}', one.name, "Warning")
        yield Said("Failed", "Error: ErrImagePull", one.name, "Warning")
        return
    took = f"{_pull_time(image, around) * 1000:.0f}ms"
    size = images.size_of(image)
    text = f'Successfully pulled image "{image}" in {took} ({took} including waiting). Image size: {size} bytes.'
    around.keep_image(image)
    one.then("start", around.now + around.pace.start)
    yield Said("Pulled", text, one.name)


def _refused(run: PodRun, one: ContainerRun, spec: Object, pod: Object, around: Surroundings) -> Iterator[Said]:
    text = f'Back-off pulling image "{spec["image"]}"'
    one.wait("ImagePullBackOff", f"{text}: ErrImagePull: {images.pull_trouble(spec['image'])}")
    one.then("pull", around.now + back_off(one.pulls) * around.pace.waiting)
    yield Said("BackOff", text, one.name)
    yield Said("Failed", "Error: ImagePullBackOff", one.name, "Warning")


def _start(run: PodRun, one: ContainerRun, spec: Object, pod: Object, around: Surroundings) -> Iterator[Said]:
    yield Said("Created", f"Created container: {one.name}", one.name)
    yield Said("Started", f"Started container {one.name}", one.name)
    if one.end is not None:
        one.last, one.end = one.end, None
        one.attempt += 1
    one.state, one.reason, one.message = "running", "", ""
    one.started, one.pulls, one.failures, one.ready = around.now, 0, 0, False
    once = pod["spec"].get("restartPolicy", "Always") != "Always"
    seconds, one.exit_code = images.lifetime(spec, once=once, init=one.kind == "init")
    one.exit_reason = ""
    if (status := around.crash(run.key)) is not None:
        seconds, one.exit_code, one.exit_reason = around.pace.moment, status, ailment(status)
    one.exits = around.now + max(seconds, around.pace.start)
    one.probes = around.now + delay(spec) * around.pace.waiting if one.kind != "init" else NEVER
    if one.kind == "sidecar":
        _start_next(run, around)


def _again(run: PodRun, one: ContainerRun, spec: Object, pod: Object, around: Surroundings) -> Iterator[Said]:
    """Back-off: it ended, and waits longer each time before it may start again."""
    wait = back_off(one.crashes - 1) * around.pace.waiting
    where = f"container={one.name} pod={run.key[1]}_{run.key[0]}({run.uid})"
    one.wait("CrashLoopBackOff", f"back-off {wait:g}s restarting failed {where}")
    one.then("pull", around.now + wait)
    namespace, name = run.key
    text = f"Back-off restarting failed container {one.name} in pod {name}_{namespace}({run.uid})"
    yield Said("BackOff", text, one.name, "Warning")


_Handler = Callable[[PodRun, ContainerRun, Object, Object, Surroundings], Iterator[Said]]
_STEPS: dict[str, _Handler] = {
    "pull": _pull,
    "pulled": _pulled,
    "refused": _refused,
    "start": _start,
    "again": _again,
}


def back_off(times: int) -> float:
    """Real seconds to wait after so many failures: ten at first, doubled each time, five minutes at most."""
    return min(BACK_OFF_LONGEST, BACK_OFF_FIRST * 2.0 ** max(0, times - 1))


def _probe(run: PodRun, one: ContainerRun, spec: Object, around: Surroundings) -> Iterator[Said]:
    verdict = readiness(spec, run.ip)
    one.ready, one.probes = verdict.passed, NEVER
    if not verdict.passed:
        one.probes = around.now + period(spec) * around.pace.waiting
        yield Said("Unhealthy", f"Readiness probe failed: {verdict.output}", one.name, "Warning")
    yield from _watch_life(one, spec, live(spec, run.ip), around)


def _watch_life(one: ContainerRun, spec: Object, verdict: Verdict, around: Surroundings) -> Iterator[Said]:
    if verdict.passed:
        return
    one.failures += 1
    one.probes = around.now + period(spec, "livenessProbe") * around.pace.waiting
    yield Said("Unhealthy", f"Liveness probe failed: {verdict.output}", one.name, "Warning")
    if one.failures >= spec["livenessProbe"].get("failureThreshold", 3):
        yield Said("Killing", f"Container {one.name} failed liveness probe, will be restarted", one.name)
        kill(one, 137, around)


def _exit(run: PodRun, one: ContainerRun, pod: Object, around: Surroundings) -> Iterator[Said]:
    reason = one.exit_reason or ("Error" if one.exit_code else "Completed")
    ran = around.now - one.started
    one.end = Ended(one.exit_code, reason, one.started, around.now, one.attempt)
    one.state, one.reason, one.message, one.ready = "ended", reason, "", False
    one.exits = one.probes = one.due = NEVER
    one.crashes = 1 if ran > BACK_OFF_FORGOTTEN * around.pace.waiting else one.crashes + 1
    if _restarts(one, pod):
        soon = one.crashes == 1
        one.then("pull" if soon else "again", around.now + around.pace.moment)
    elif one.kind == "init" and one.succeeded:
        _start_next(run, around)
    yield from ()


def _restarts(one: ContainerRun, pod: Object) -> bool:
    policy = pod["spec"].get("restartPolicy", "Always")
    if one.kind == "sidecar":
        return True
    if one.kind == "init" or policy == "OnFailure":
        return policy != "Never" and one.exit_code != 0
    return bool(policy == "Always")
