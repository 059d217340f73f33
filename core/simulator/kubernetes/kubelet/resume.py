"""What a kubelet takes up when it starts: the pods that its runtime has, as their statuses say."""

from __future__ import annotations

from core.simulator.kubernetes.kubelet import images
from core.simulator.kubernetes.kubelet.life import Surroundings, begin, spec_of
from core.simulator.kubernetes.kubelet.probes import delay
from core.simulator.kubernetes.kubelet.runs import NEVER, ContainerRun, Ended, PodRun
from core.simulator.kubernetes.pods import FINISHED
from core.simulator.kubernetes.shape import Object, moment_of


def resume(pod: Object, node: str, ip: str, around: Surroundings, *, rebooted: bool) -> PodRun:
    """The run of a pod that has a status from before; after a reboot none of its processes is left."""
    run = begin(pod, node, ip, around)
    status: Object = pod.get("status") or {}
    if not status.get("podIP"):
        return run
    run.stage, run.due = "running", NEVER
    if start := status.get("startTime"):
        run.began = moment_of(start)
    known = {each["name"]: each for field in _FIELDS for each in status.get(field) or ()}
    for one in run.containers:
        if one.name in known:
            _take_up(one, known[one.name])
        _go_on(one, pod, around, rebooted=rebooted, finished=status.get("phase") in FINISHED)
    return run


_FIELDS = ("initContainerStatuses", "containerStatuses")


def _take_up(one: ContainerRun, said: Object) -> None:
    one.attempt, one.ready = said.get("restartCount", 0), said.get("ready", False)
    state, last = said.get("state") or {}, (said.get("lastState") or {}).get("terminated")
    if last:
        one.last = _ended(last, one.attempt - 1)
    if "running" in state:
        one.state, one.reason = "running", ""
        one.started = moment_of(state["running"]["startedAt"])
    elif "terminated" in state:
        one.state, one.reason = "ended", state["terminated"].get("reason", "")
        one.end = _ended(state["terminated"], one.attempt)
        one.started = one.end.started
    elif "waiting" in state:
        one.wait(state["waiting"].get("reason", ""), state["waiting"].get("message", ""))
        if last:
            one.end, one.last, one.crashes = _ended(last, one.attempt), None, 2


def _ended(said: Object, attempt: int) -> Ended:
    started, finished = (moment_of(said[name]) for name in ("startedAt", "finishedAt"))
    return Ended(said["exitCode"], said.get("reason", ""), started, finished, attempt)


def _go_on(one: ContainerRun, pod: Object, around: Surroundings, *, rebooted: bool, finished: bool) -> None:
    """What comes next for a container that was in this state."""
    spec, now = spec_of(pod, one.name), around.now
    if finished:
        return
    if one.state == "running":
        once = pod["spec"].get("restartPolicy", "Always") != "Always"
        seconds, one.exit_code = images.lifetime(spec, once=once, init=one.kind == "init")
        one.exits = now if rebooted else max(now, one.started + seconds)
        one.exit_code = 255 if rebooted else one.exit_code
        one.probes = NEVER if one.ready or one.kind == "init" else now + delay(spec) * around.pace.waiting
        around.keep_image(spec["image"])
    elif one.state == "waiting" or _again(one, pod):
        one.then("pull", now + around.pace.start)


def _again(one: ContainerRun, pod: Object) -> bool:
    policy = pod["spec"].get("restartPolicy", "Always")
    failed = one.end is not None and one.end.exit_code != 0
    return bool(policy == "Always" and one.kind != "init") or (policy != "Never" and failed)
