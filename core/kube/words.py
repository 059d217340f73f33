"""The words and counts that kubectl shows for a row (kubernetes/pkg/printers/internalversion/printers.go)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from core.kube.rows import (
    Condition,
    ContainerStatus,
    EventRow,
    Metadata,
    NodeRow,
    PodRow,
    Terminated,
)

_FINISHED = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class PodWords:
    """A pod's line: its status word, `ready` of `total` containers, and restarts."""

    status: str
    ready: int
    total: int
    restarts: int


def pod_words(pod: PodRow) -> PodWords:
    """STATUS, READY and RESTARTS as `kubectl get pods` shows them."""
    return _plain(pod) or _any(pod)


def _plain(pod: PodRow) -> PodWords | None:
    """The words of a pod that runs and nothing else, as nearly all do: told at once, for tables of thousands."""
    status = pod.status
    if status.phase != "Running" or status.reason or pod.metadata.deletion_timestamp or pod.spec.init_containers:
        return None
    restarts = 0
    for one in status.container_statuses:
        if not one.ready or one.state.running is None:
            return None
        restarts += one.restart_count
    count = len(status.container_statuses)
    return PodWords("Running", count, count, restarts) if count == len(pod.spec.containers) else None


def _any(pod: PodRow) -> PodWords:
    sidecars = {container.name for container in pod.spec.init_containers if container.restart_policy == "Always"}
    total = len(pod.spec.containers) + len(sidecars)
    reason = _scheduling(pod) or pod.status.reason or pod.status.phase
    failed, ready, restarts = _initialising(pod, sidecars)
    if failed is None or holds(pod.status.conditions, "Initialized"):
        began = [status for status in pod.status.init_container_statuses if status.name in sidecars]
        restarts = sum(status.restart_count for status in (*began, *pod.status.container_statuses))
        reason, running = _running(pod, failed or reason)
        ready += running
    else:
        reason = failed
    return PodWords(_leaving(pod) or reason, ready, total, restarts)


def pod_ready(pod: PodRow) -> bool:
    """Whether a pod takes traffic: Ready, and not on its way out."""
    return pod.metadata.deletion_timestamp is None and holds(pod.status.conditions, "Ready")


def pod_finished(pod: PodRow) -> bool:
    """Whether all of a pod's containers have ended for good."""
    return pod.status.phase in _FINISHED


def node_ready(node: NodeRow) -> bool:
    """Whether the node's kubelet says Ready."""
    return holds(node.status.conditions, "Ready")


def node_words(node: NodeRow) -> str:
    """STATUS as `kubectl get nodes` shows it ("Ready,SchedulingDisabled")."""
    found = {condition.type: condition.status for condition in node.status.conditions}
    word = "Unknown" if "Ready" not in found else "Ready" if found["Ready"] == "True" else "NotReady"
    return f"{word},SchedulingDisabled" if node.spec.unschedulable else word


def node_address(node: NodeRow) -> str:
    """The node's address inside the cluster, empty while it has none."""
    return next((known.address for known in node.status.addresses if known.type == "InternalIP"), "")


def event_time(event: EventRow) -> datetime | None:
    """When an event was last seen, wherever its writer noted it."""
    series = event.series.last_observed_time if event.series else None
    return series or event.last_timestamp or event.event_time or event.metadata.creation_timestamp


def holds(conditions: tuple[Condition, ...], kind: str) -> bool:
    """Whether the condition of this type is there and true."""
    return any(condition.type == kind and condition.status == "True" for condition in conditions)


def age_seconds(metadata: Metadata, now: datetime | None = None) -> int:
    """Seconds since the object was created, 0 for one that is only about to be."""
    if metadata.creation_timestamp is None:
        return 0
    return max(0, int(((now or datetime.now(UTC)) - metadata.creation_timestamp).total_seconds()))


_STEPS = ((120, 1, "s", 0, ""), (600, 60, "m", 1, "s"), (10800, 60, "m", 0, ""), (28800, 3600, "h", 60, "m"))


def age_text(seconds: int) -> str:
    """A duration as kubectl shortens it: "90s", "5m30s", "3h", "2d4h"."""
    for limit, unit, letter, small, small_letter in _STEPS:
        if seconds < limit:
            return _two(seconds, unit, letter, small, small_letter)
    hours = seconds // 3600
    if hours < 48:
        return f"{hours}h"
    if hours < 24 * 8:
        return _two(hours, 24, "d", 1, "h")
    days = hours // 24
    return f"{days}d" if days < 365 * 2 else _two(days, 365, "y", 1, "d") if days < 365 * 8 else f"{days // 365}y"


def _two(amount: int, unit: int, letter: str, small: int, small_letter: str) -> str:
    """The amount in units, and what is left over in the smaller unit where that is asked for and not nothing."""
    rest = amount % unit // small if small else 0
    return f"{amount // unit}{letter}{rest}{small_letter}" if rest else f"{amount // unit}{letter}"


def _scheduling(pod: PodRow) -> str:
    gated = any(found.type == "PodScheduled" and found.reason == "SchedulingGated" for found in pod.status.conditions)
    return "SchedulingGated" if gated else ""


def _initialising(pod: PodRow, sidecars: set[str]) -> tuple[str | None, int, int]:
    """The first init container's word that holds the pod up (None where none does), ready sidecars, restarts."""
    ready = restarts = 0
    for index, status in enumerate(pod.status.init_container_statuses):
        restarts += status.restart_count
        ended = status.state.terminated
        if ended is not None and ended.exit_code == 0:
            continue
        if status.name in sidecars and status.started:
            ready += status.ready
            continue
        return _init_word(status, index, len(pod.spec.init_containers)), ready, restarts
    return None, ready, restarts


def _init_word(status: ContainerStatus, index: int, count: int) -> str:
    if status.state.terminated is not None:
        return f"Init:{_ended(status.state.terminated)}"
    waiting = status.state.waiting
    if waiting is not None and waiting.reason not in ("", "PodInitializing"):
        return f"Init:{waiting.reason}"
    return f"Init:{index}/{count}"


def _running(pod: PodRow, reason: str) -> tuple[str, int]:
    """The word that the first container in trouble gives, and how many containers are ready."""
    ready = 0
    for status in reversed(pod.status.container_statuses):
        if status.state.waiting is not None and status.state.waiting.reason:
            reason = status.state.waiting.reason
        elif status.state.terminated is not None:
            reason = _ended(status.state.terminated)
        elif status.ready and status.state.running is not None:
            ready += 1
    if reason == "Completed" and ready:
        return ("Running" if holds(pod.status.conditions, "Ready") else "NotReady"), ready
    return reason, ready


def _ended(state: Terminated) -> str:
    if state.reason:
        return state.reason
    return f"Signal:{state.signal}" if state.signal else f"ExitCode:{state.exit_code}"


def _leaving(pod: PodRow) -> str:
    if pod.metadata.deletion_timestamp is None:
        return ""
    if pod.status.reason == "NodeLost":
        return "Unknown"
    return "" if pod_finished(pod) else "Terminating"
