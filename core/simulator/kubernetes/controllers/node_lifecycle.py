"""Nodes that fall silent: they are said to be unknown, tainted, and their pods leave in the end.

Rules: kubernetes/pkg/controller/nodelifecycle and tainteviction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.simulator.kubernetes.controllers.changes import Again, Change, Delete, Emit, SetStatus, Update
from core.simulator.kubernetes.pods import PodRow, TolerationRow
from core.simulator.kubernetes.shape import (
    Object,
    amended,
    condition,
    key_of,
    leaving,
    moment_of,
    reference,
    stamp,
    with_condition,
)

UNREACHABLE = "node.kubernetes.io/unreachable"
NOT_READY = "node.kubernetes.io/not-ready"
CORDONED = "node.kubernetes.io/unschedulable"

_OURS = (UNREACHABLE, NOT_READY, CORDONED)
_KINDS = ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready")
_SILENT = "Kubelet stopped posting node status."


@dataclass(slots=True)
class Silence:
    """Since when each node has said nothing, by our own clock: theirs may differ, and we may have been away."""

    grace: float
    _heard: dict[str, tuple[str, float]] = field(default_factory=dict)
    _looked: float = 0.0

    def of(self, node: str, said: str, now: float) -> bool:
        """Whether the node has been silent for too long; `said` is the latest that it said."""
        if now - self._looked > self.grace:
            self._heard.clear()
        self._looked = now
        known = self._heard.get(node)
        if known is None or known[0] != said:
            self._heard[node] = (said, now)
            return False
        return now - known[1] > self.grace


def reconcile(
    node: Object, pods: Sequence[PodRow], *, silent: bool, grace: float, waiting: float, now: float
) -> Iterator[Change]:
    """`pods` are those on the node; `waiting` is how long a second of a toleration lasts. A silent node's pods are
    no longer known to be ready: see `unready`.
    """
    yield Again(grace / 4)
    if leaving(node):
        return
    if silent and _status(node) != "Unknown":
        yield SetStatus("nodes", key_of(node), _unknown(node, now))
        text = f"Node {node['metadata']['name']} status is now: NodeNotReady"
        yield Emit(reference("nodes", node), "NodeNotReady", text)
    yield from _tainted(node, silent, now)
    yield from _evicted(node, pods, waiting, now)


def unready(pod: Object, now: float) -> Iterator[Change]:
    """What is said of a pod whose node does not answer: nobody knows that it is ready."""
    found = condition(pod, "Ready")
    if found is None or found["status"] != "True" or leaving(pod):
        return
    status: Object = pod["status"]
    conditions = with_condition(status["conditions"], {**found, "status": "False"}, now)
    yield SetStatus("pods", key_of(pod), status | {"conditions": conditions})
    yield Emit(reference("pods", pod), "NodeNotReady", "Node is not ready", "Warning")


def _status(node: Object) -> str:
    return str((condition(node, "Ready") or {}).get("status", "False"))


def _unknown(node: Object, now: float) -> Object:
    status: Object = node.get("status") or {}
    conditions = status.get("conditions") or []
    for kind in _KINDS:
        said = {"type": kind, "status": "Unknown", "reason": "NodeStatusUnknown", "message": _SILENT}
        heard = (condition(node, kind) or {}).get("lastHeartbeatTime", stamp(now))
        conditions = with_condition(conditions, {**said, "lastHeartbeatTime": heard}, now)
    return {**status, "conditions": conditions}


def _tainted(node: Object, silent: bool, now: float) -> Iterator[Change]:
    """The taints that the node's state asks for; those of others stay."""
    status = "Unknown" if silent else _status(node)
    wanted = [(CORDONED, "NoSchedule")] if node["spec"].get("unschedulable") else []
    if status != "True":
        key = UNREACHABLE if status == "Unknown" else NOT_READY
        wanted += [(key, "NoSchedule"), (key, "NoExecute")]
    old = node["spec"].get("taints") or []
    known = {(taint["key"], taint["effect"]): taint for taint in old}
    taints = [taint for taint in old if taint["key"] not in _OURS]
    taints += [known.get(each) or {"key": each[0], "effect": each[1], "timeAdded": stamp(now)} for each in wanted]
    if taints != old:
        yield Update("nodes", amended(node, {"spec": {"taints": taints or None}}))


def _evicted(node: Object, pods: Sequence[PodRow], waiting: float, now: float) -> Iterator[Change]:
    taints = [taint for taint in node["spec"].get("taints") or () if taint["effect"] == "NoExecute"]
    for pod in pods if taints else ():
        left = min(_left(pod, taint, waiting, now) for taint in taints)
        if pod.leaving or left == _FOR_EVER:
            continue
        if left > 0:
            yield Again(left)
            continue
        yield Emit(pod.reference(), "TaintManagerEviction", f"Marking for deletion Pod {'/'.join(pod.key)}")
        yield Delete("pods", pod.key, pod.uid)


_FOR_EVER = float("inf")


def _left(pod: PodRow, taint: Object, waiting: float, now: float) -> float:
    """Seconds that a pod still bears a taint."""
    bearing = [one for one in pod.spec.tolerations if _bears(one, taint)]
    if not bearing:
        return 0.0
    limits = [one.toleration_seconds for one in bearing if one.toleration_seconds is not None]
    if not limits:
        return _FOR_EVER
    since = moment_of(taint["timeAdded"]) if "timeAdded" in taint else now
    return since + min(limits) * waiting - now


def _bears(toleration: TolerationRow, taint: Object) -> bool:
    if toleration.key not in ("", taint["key"]) or toleration.effect not in ("", "NoExecute"):
        return False
    return toleration.operator == "Exists" or toleration.value == taint.get("value", "")
