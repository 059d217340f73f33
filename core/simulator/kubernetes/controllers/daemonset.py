"""DaemonSets: one pod on every node that takes it.

Rules: kubernetes/pkg/controller/daemon.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from core.simulator.kubernetes.controllers.changes import Change, Create, Delete, Emit, SetStatus
from core.simulator.kubernetes.controllers.template import new_pod
from core.simulator.kubernetes.pods import PodRow, TolerationRow
from core.simulator.kubernetes.scheduler.fit import tolerates
from core.simulator.kubernetes.scheduler.nodes import NodeRow
from core.simulator.kubernetes.selectors import selects
from core.simulator.kubernetes.shape import (
    Object,
    amended,
    key_of,
    leaving,
    reference,
    safe_hash,
    uid_of,
)

RESOURCE = "daemonsets.apps"
HASH = "controller-revision-hash"

_BORNE = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)
"""What the pods of every DaemonSet bear."""

_TOLERATIONS = [{"key": key, "operator": "Exists", "effect": effect} for key, effect in _BORNE]


def reconcile(daemons: Object, nodes: Sequence[NodeRow], pods: Sequence[PodRow], now: float) -> Iterator[Change]:
    """`pods` are those that the DaemonSet controls."""
    placed: dict[str, list[PodRow]] = defaultdict(list)
    for pod in pods:
        placed[pod.node or pod.meant_for].append(pod)
    wanted = [node.name for node in nodes if _takes(daemons, node, stays=node.name in placed)]
    if not leaving(daemons):
        yield from _placed(daemons, wanted, placed, now)
        yield from _renewed(daemons, wanted, placed)
    yield from _status(daemons, wanted, placed)


def revision(daemons: Object) -> str:
    """The hash of the template, that its pods carry."""
    return safe_hash(msgspec.json.encode(daemons["spec"]["template"], order="sorted").decode(), 10)


def _placed(daemons: Object, wanted: Sequence[str], placed: dict[str, list[PodRow]], now: float) -> Iterator[Change]:
    for node in wanted:
        if not any(pod.active for pod in placed.get(node, ())) and not any(pod.leaving for pod in placed.get(node, ())):
            made = _new(daemons, node, now)
            yield Create("pods", made)
            yield Emit(reference(RESOURCE, daemons), "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
    for node, found in placed.items():
        for pod in found:
            if not pod.leaving and (node not in wanted or pod.finished):
                yield _deleted(pod)
                yield Emit(reference(RESOURCE, daemons), "SuccessfulDelete", f"Deleted pod: {pod.name}")


def _deleted(pod: PodRow) -> Delete:
    return Delete("pods", pod.key, pod.uid)


def _renewed(daemons: Object, wanted: Sequence[str], placed: dict[str, list[PodRow]]) -> Iterator[Change]:
    """Pods of an older template go, as many at a time as may be unavailable."""
    strategy = daemons["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return
    room = int((strategy.get("rollingUpdate") or {}).get("maxUnavailable", 1))
    room -= sum(not any(pod.ready and pod.active for pod in placed.get(node, ())) for node in wanted)
    fresh = revision(daemons)
    for node in wanted:
        for pod in placed.get(node, ()):
            if pod.active and pod.labels.get(HASH) != fresh and (room > 0 or not pod.ready):
                room -= pod.ready
                yield _deleted(pod)


def _takes(daemons: Object, node: NodeRow, *, stays: bool = False) -> bool:
    """Whether a node takes a pod, or, where `stays`, keeps the one that it has."""
    spec = daemons["spec"]["template"]["spec"]
    if not selects({"matchLabels": spec.get("nodeSelector") or {}}, node.labels):
        return False
    borne = msgspec.convert([*(spec.get("tolerations") or ()), *_TOLERATIONS], list[TolerationRow])
    effects = ("NoExecute",) if stays else ("NoExecute", "NoSchedule")
    return all(tolerates(borne, taint) for taint in node.spec.taints if taint.effect in effects)


def _new(daemons: Object, node: str, now: float) -> Object:
    spec = daemons["spec"]["template"]["spec"]
    fields = [{"key": "metadata.name", "operator": "In", "values": [node]}]
    terms = {"nodeSelectorTerms": [{"matchFields": fields}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
    extra = {"affinity": affinity, "tolerations": [*(spec.get("tolerations") or ()), *_TOLERATIONS]}
    labelled = {"metadata": {"labels": {HASH: revision(daemons)}}, "spec": extra}
    ending = safe_hash(f"{uid_of(daemons)}/{node}/{now}", 5)
    template = amended(daemons["spec"]["template"], labelled)
    return new_pod(RESOURCE, daemons, template, f"{daemons['metadata']['name']}-{ending}")


def _status(daemons: Object, wanted: Sequence[str], placed: dict[str, list[PodRow]]) -> Iterator[Change]:
    there = {node: [pod for pod in placed.get(node, ()) if pod.active] for node in wanted}
    ready = sum(any(pod.ready for pod in found) for found in there.values())
    fresh = revision(daemons)
    status = {
        "currentNumberScheduled": sum(bool(found) for found in there.values()),
        "desiredNumberScheduled": len(wanted),
        "numberAvailable": ready,
        "numberMisscheduled": sum(bool(found) for node, found in placed.items() if node not in wanted),
        "numberReady": ready,
        "numberUnavailable": len(wanted) - ready,
        "observedGeneration": daemons["metadata"].get("generation", 1),
        "updatedNumberScheduled": sum(any(pod.labels.get(HASH) == fresh for pod in one) for one in there.values()),
    }
    optional = ("numberAvailable", "numberUnavailable", "updatedNumberScheduled")
    status = {name: count for name, count in status.items() if count or name not in optional}
    if status != daemons.get("status"):
        yield SetStatus(RESOURCE, key_of(daemons), status)
