"""A pod's status as its kubelet writes it, from what it keeps in mind.

Rules: kubernetes/pkg/kubelet/kubelet_pods.go (getPhase) and status/generate.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.simulator.kubernetes.kubelet.images import image_id
from core.simulator.kubernetes.kubelet.life import spec_of
from core.simulator.kubernetes.kubelet.runs import ContainerRun, Ended, PodRun, container_id
from core.simulator.kubernetes.shape import Object, stamp, with_condition


def pod_status(run: PodRun, pod: Object, node_address: str, now: float) -> Object:
    """The whole status; conditions that others wrote stay."""
    old: Object = pod.get("status") or {}
    phase = phase_of(run, pod)
    status = {**old, "phase": phase, "hostIP": node_address, "hostIPs": [{"ip": node_address}]}
    status.setdefault("startTime", stamp(run.began))
    if run.stage != "sandbox":
        status |= {"podIP": run.ip, "podIPs": [{"ip": run.ip}]}
    status["conditions"] = _conditions(run, pod, phase, now)
    for field, kinds in (("initContainerStatuses", ("init", "sidecar")), ("containerStatuses", ("main",))):
        found = [container_status(run, one, spec_of(pod, one.name)) for one in run.containers if one.kind in kinds]
        if found:
            status[field] = found
    return status


def phase_of(run: PodRun, pod: Object) -> str:
    """Pending, Running, Succeeded or Failed."""
    policy = pod["spec"].get("restartPolicy", "Always")
    inits = [one for one in run.containers if one.kind == "init"]
    if any(_failed(one) for one in inits) and policy == "Never":
        return "Failed"
    main = [one for one in run.containers if one.kind == "main"]
    if run.stage == "sandbox" or not all(map(_began, main)):
        return "Pending"
    if any(one.state != "ended" or one.step for one in main):
        return "Running"
    if policy == "Always":
        return "Running"
    return "Succeeded" if all(one.succeeded for one in main) else "Failed"


def _failed(one: ContainerRun) -> bool:
    return one.state == "ended" and not one.succeeded and not one.step


def _began(one: ContainerRun) -> bool:
    return one.state != "waiting" or one.end is not None


def _conditions(run: PodRun, pod: Object, phase: str, now: float) -> list[Object]:
    main = [one for one in run.containers if one.kind == "main"]
    serving = [one for one in run.containers if one.kind != "init"]
    initialised = all(one.succeeded or one.state == "running" for one in run.containers if one.kind != "main")
    unready = [one.name for one in serving if not one.ready]
    finished = phase in ("Succeeded", "Failed")
    readiness = _readiness(unready, finished)
    wanted = [
        {"type": "PodReadyToStartContainers", "status": _truth(run.stage == "running" and not finished)},
        _initialised(initialised or any(one.state == "running" for one in main), run),
        {"type": "Ready", **readiness},
        {"type": "ContainersReady", **readiness},
        {"type": "PodScheduled", "status": "True"},
    ]
    conditions = (pod.get("status") or {}).get("conditions") or []
    for one in wanted:
        conditions = with_condition(conditions, one, now)
    return conditions


def _initialised(done: bool, run: PodRun) -> Object:
    if done:
        return {"type": "Initialized", "status": "True"}
    names = [one.name for one in run.containers if one.kind == "init" and not one.succeeded]
    message = f"containers with incomplete status: [{' '.join(names)}]"
    return {"type": "Initialized", "status": "False", "reason": "ContainersNotInitialized", "message": message}


def _readiness(unready: Sequence[str], finished: bool) -> Object:
    if finished:
        return {"status": "False", "reason": "PodCompleted"}
    if not unready:
        return {"status": "True"}
    message = f"containers with unready status: [{' '.join(unready)}]"
    return {"status": "False", "reason": "ContainersNotReady", "message": message}


def _truth(value: bool) -> str:
    return "True" if value else "False"


def container_status(run: PodRun, one: ContainerRun, spec: Object) -> Object:
    """What is said of one container."""
    there = one.state == "running" or one.end is not None
    found: Object = {
        "name": one.name,
        "image": spec["image"],
        "imageID": image_id(spec["image"]) if there else "",
        "ready": one.ready or (one.kind == "init" and one.succeeded),
        "started": one.state == "running",
        "restartCount": one.attempt,
        "state": _state(run, one),
        "lastState": {"terminated": _terminated(run, one.name, one.last)} if one.last else {},
    }
    if one.state == "waiting" and one.end is not None:
        found["lastState"] = {"terminated": _terminated(run, one.name, one.end)}
    if there:
        found["containerID"] = f"containerd://{container_id(run.uid, one.name, one.attempt)}"
    return found


def _state(run: PodRun, one: ContainerRun) -> Object:
    if one.state == "running":
        return {"running": {"startedAt": stamp(one.started)}}
    if one.state == "ended" and one.end is not None:
        return {"terminated": _terminated(run, one.name, one.end)}
    return {"waiting": {"reason": one.reason} | ({"message": one.message} if one.message else {})}


def _terminated(run: PodRun, name: str, end: Ended) -> Object:
    return {
        "exitCode": end.exit_code,
        "reason": end.reason,
        "startedAt": stamp(end.started),
        "finishedAt": stamp(end.finished),
        "containerID": f"containerd://{container_id(run.uid, name, end.attempt)}",
    }
