"""What a pod's row says.

Source: `printPod` in k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.simulator.kubernetes.tables.column import AGE, NAME, NONE, Cell, at, condition, duration, moment

Object = dict[str, Any]


def _statuses(pod: Object, part: str) -> list[Object]:
    found: list[Object] = (pod.get("status") or {}).get(part) or []
    return found


def _ready(pod: Object) -> str:
    own = _statuses(pod, "containerStatuses")
    total = len((pod.get("spec") or {}).get("containers") or ())
    return f"{sum(1 for each in own if each.get('ready') and 'running' in (each.get('state') or {}))}/{total}"


def status_word(pod: Object) -> str:
    """The word in the STATUS column."""
    status = pod.get("status") or {}
    word: str = status.get("reason") or status.get("phase") or "Unknown"
    initial = _initial_word(pod)
    word = _container_word(pod, word) if initial is None else initial
    if "deletionTimestamp" in pod["metadata"] and status.get("reason") == "NodeLost":
        return "Unknown"
    if "deletionTimestamp" in pod["metadata"] and status.get("phase") not in ("Succeeded", "Failed"):
        return "Terminating"
    return word


def _initial_word(pod: Object) -> str | None:
    total = len((pod.get("spec") or {}).get("initContainers") or ())
    for index, each in enumerate(_statuses(pod, "initContainerStatuses")):
        state = each.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting") or {}
        if ended is not None and not ended.get("exitCode"):
            continue
        if ended is not None:
            return f"Init:{_ended_word(ended)}"
        if waiting.get("reason") not in (None, "", "PodInitializing"):
            return f"Init:{waiting['reason']}"
        return f"Init:{index}/{total}"
    return None


def _container_word(pod: Object, word: str) -> str:
    running = False
    for each in reversed(_statuses(pod, "containerStatuses")):
        state = each.get("state") or {}
        if (state.get("waiting") or {}).get("reason"):
            word = state["waiting"]["reason"]
        elif "terminated" in state:
            word = _ended_word(state["terminated"])
        elif each.get("ready") and "running" in state:
            running = True
    if word == "Completed" and running:
        ready = condition(pod, "Ready")
        return "Running" if ready is not None and ready.get("status") == "True" else "NotReady"
    return word


def _ended_word(ended: Object) -> str:
    if ended.get("reason"):
        return str(ended["reason"])
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _restarts(pod: Object) -> str:
    own = _statuses(pod, "containerStatuses")
    total = sum(each.get("restartCount", 0) for each in own)
    ends = (moment(((each.get("lastState") or {}).get("terminated") or {}).get("finishedAt")) for each in own)
    last = max((end for end in ends if end is not None), default=None)
    if not total or last is None:
        return str(total)
    return f"{total} ({duration((datetime.now(UTC) - last).total_seconds())} ago)"


def _gates(pod: Object) -> str:
    gates = (pod.get("spec") or {}).get("readinessGates") or ()
    held = [condition(pod, each["conditionType"]) for each in gates]
    good = sum(1 for each in held if each is not None and each.get("status") == "True")
    return f"{good}/{len(held)}" if held else NONE


POD = (
    NAME,
    Cell("Ready", _ready),
    Cell("Status", status_word),
    Cell("Restarts", _restarts),
    AGE,
    Cell("IP", at("status.podIP", NONE), priority=1),
    Cell("Node", at("spec.nodeName", NONE), priority=1),
    Cell("Nominated Node", at("status.nominatedNodeName", NONE), priority=1),
    Cell("Readiness Gates", _gates, priority=1),
)
