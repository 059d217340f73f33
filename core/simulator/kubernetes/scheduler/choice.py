"""Which of the nodes that fit is best, and what is said where none fits; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.scheduler.fit import Candidate, obstacle, place_of, spread
from core.simulator.kubernetes.scheduler.nodes import Room

_NO_HELP = "Preemption is not helpful for scheduling"


def choose(pod: Candidate, rooms: Mapping[str, Room]) -> tuple[str, str]:
    """The best node's name, or an empty one and the reason that is shown to people."""
    found = {name: obstacle(pod, room, rooms) for name, room in rooms.items()}
    fitting = [name for name, text in found.items() if not text]
    if not fitting:
        return "", no_node(found.values())
    return min(fitting, key=_Rank(pod, rooms)), ""


def no_node(obstacles: Iterable[str]) -> str:
    """ "0/3 nodes are available: 2 Insufficient cpu, 1 node(s) were unschedulable. preemption: …"."""
    counts = Counter(obstacles)
    total = sum(counts.values())
    if not total:
        return "no nodes available to schedule pods"
    reasons = ", ".join(sorted(f"{count} {text}" for text, count in counts.items()))
    return f"0/{total} nodes are available: {reasons}. preemption: 0/{total} nodes are available: {total} {_NO_HELP}."


class _Rank:
    """Orders nodes for a pod, best first: spread as asked, few of its own kind, little taken."""

    def __init__(self, pod: Candidate, rooms: Mapping[str, Room]) -> None:
        self._owner = _owner(pod.row)
        self._rooms = rooms
        rules = pod.spec.get("topologySpreadConstraints") or ()
        self._spreads = [(rule["topologyKey"], spread(pod, rule, rooms)) for rule in rules]

    def __call__(self, name: str) -> tuple[int, int, float, str]:
        room = self._rooms[name]
        crowd = sum(counts.get(place_of(room, key), 0) for key, counts in self._spreads)
        siblings = sum(_owner(pod) == self._owner for pod in room.pods.values()) if self._owner else 0
        return crowd, siblings, _load(room), name


def _owner(pod: PodRow) -> str:
    return pod.owner.uid if pod.owner else ""


def _load(room: Room) -> float:
    """How full a node is: the mean of cores, memory and pods, each from 0 to 1."""
    shares = [1 - room.free(name) / whole for name in ("cpu", "memory", "pods") if (whole := room.capacity(name))]
    return sum(shares) / len(shares) if shares else 0.0
