"""Whether a pod may run on a node; pure. The sentences are those of the real scheduler's plug-ins.

Rules: kubernetes/pkg/scheduler/framework/plugins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.simulator.kubernetes.pods import PodRow, TolerationRow
from core.simulator.kubernetes.scheduler.nodes import NodeRow, Room, TaintRow, host_ports, requests_of
from core.simulator.kubernetes.selectors import selects
from core.simulator.kubernetes.shape import Object

_BLOCKING = ("NoSchedule", "NoExecute")
_CORDON = TaintRow("node.kubernetes.io/unschedulable", "NoSchedule")
_HOSTNAME = "kubernetes.io/hostname"
_SPREAD = "node(s) didn't match pod topology spread constraints"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pod that looks for a node: its row, and its whole spec."""

    row: PodRow
    spec: Object


def tolerates(tolerations: Iterable[TolerationRow], taint: TaintRow) -> bool:
    """Whether one of the tolerations bears the taint."""
    return any(_bears(one, taint) for one in tolerations)


def _bears(toleration: TolerationRow, taint: TaintRow) -> bool:
    if toleration.effect not in ("", taint.effect) or toleration.key not in ("", taint.key):
        return False
    return toleration.operator == "Exists" or (toleration.key == taint.key and toleration.value == taint.value)


def obstacle(pod: Candidate, room: Room, rooms: Mapping[str, Room]) -> str:
    """Why the pod cannot run on this node, empty where it can."""
    return next((text for check in _CHECKS if (text := check(pod, room, rooms))), "")


def _cordoned(pod: Candidate, room: Room, rooms: Mapping[str, Room]) -> str:
    node = _node(room)
    blocked = node.spec.unschedulable and not tolerates(pod.row.spec.tolerations, _CORDON)
    return "node(s) were unschedulable" if blocked else ""


def _tainted(pod: Candidate, room: Room, rooms: Mapping[str, Room]) -> str:
    for taint in _node(room).spec.taints:
        if taint.effect in _BLOCKING and not tolerates(pod.row.spec.tolerations, taint):
            return f"node(s) had untolerated taint(s) {{{taint.key}: {taint.value}}}"
    return ""


def _unselected(pod: Candidate, room: Room, rooms: Mapping[str, Room]) -> str:
    wanted = {"matchLabels": pod.spec.get("nodeSelector") or {}}
    terms = (_required(pod, "nodeAffinity") or {}).get("nodeSelectorTerms")
    fine = selects(wanted, _node(room).labels) and (not terms or any(_term(term, _node(room)) for term in terms))
    return "" if fine else "node(s) didn't match Pod's node affinity/selector"


def _term(term: Object, node: NodeRow) -> bool:
    fields = {"metadata.name": node.name}
    on_fields = all(_fits(rule, fields) for rule in term.get("matchFields") or ())
    return on_fields and all(_fits(rule, node.labels) for rule in term.get("matchExpressions") or ())


def _fits(rule: Object, labels: Mapping[str, str]) -> bool:
    """Whether one expression of a node selector holds."""
    value, values = labels.get(rule["key"]), rule.get("values") or []
    match rule["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "Gt":
            return value is not None and int(value) > int(values[0])
        case "Lt":
            return value is not None and int(value) < int(values[0])
    return False


def _required(pod: Candidate, kind: str) -> Any:
    return ((pod.spec.get("affinity") or {}).get(kind) or {}).get("requiredDuringSchedulingIgnoredDuringExecution")


def _full(pod: Candidate, room: Room, rooms: Mapping[str, Room]) -> str:
    if room.free("pods") < 1:
        return "Too many pods"
    short = (name for name, amount in requests_of(pod.row).items() if amount and amount > room.free(name))
    return next((f"Insufficient {name}" for name in short), "")


def _ports_taken(pod: Candidate, room: Room, rooms: Mapping[str, Room]) -> str:
    wanted = host_ports(pod.row)
    taken = wanted and any(wanted & host_ports(other) for other in room.pods.values())
    return "node(s) didn't have free ports for the requested pod ports" if taken else ""


def _too_near(pod: Candidate, room: Room, rooms: Mapping[str, Room]) -> str:
    """Pods that will not share a place with certain others."""
    for term in _required(pod, "podAntiAffinity") or ():
        place = place_of(room, term["topologyKey"])
        near = (each for each in rooms.values() if place and place_of(each, term["topologyKey"]) == place)
        if any(_same(pod, other, term["labelSelector"]) for each in near for other in each.pods.values()):
            return "node(s) didn't match pod anti-affinity rules"
    return ""


def _skewed(pod: Candidate, room: Room, rooms: Mapping[str, Room]) -> str:
    for rule in pod.spec.get("topologySpreadConstraints") or ():
        if rule.get("whenUnsatisfiable") != "DoNotSchedule":
            continue
        counts, place = spread(pod, rule, rooms), place_of(room, rule["topologyKey"])
        if not place:
            return f"{_SPREAD} (missing required label)"
        if counts[place] + 1 - min(counts.values()) > rule["maxSkew"]:
            return _SPREAD
    return ""


def spread(pod: Candidate, rule: Object, rooms: Mapping[str, Room]) -> dict[str, int]:
    """How many pods like this one are in each place of a topology."""
    counts: dict[str, int] = {}
    for room in rooms.values():
        if place := place_of(room, rule["topologyKey"]):
            alike = sum(_same(pod, other, rule.get("labelSelector")) for other in room.pods.values())
            counts[place] = counts.get(place, 0) + alike
    return counts


def place_of(room: Room, key: str) -> str:
    """Where a node is, by one of its labels; empty where it does not say."""
    if room.node is None:
        return ""
    return room.node.labels.get(key) or (room.node.name if key == _HOSTNAME else "")


def _same(pod: Candidate, other: PodRow, selector: Object | None) -> bool:
    here = other.metadata.namespace == pod.row.metadata.namespace and not other.leaving
    return here and selects(selector, other.labels)


def _node(room: Room) -> NodeRow:
    if room.node is None:
        raise ValueError("a room without a node takes no pods")
    return room.node


_CHECKS: tuple[Callable[[Candidate, Room, Mapping[str, Room]], str], ...] = (
    _cordoned,
    _tainted,
    _unselected,
    _ports_taken,
    _full,
    _too_near,
    _skewed,
)
