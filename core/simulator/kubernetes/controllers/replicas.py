"""ReplicaSets and ReplicationControllers: as many pods as wanted, no more and no fewer.

Rules: kubernetes/pkg/controller/replicaset/replica_set.go and controller_utils.go (which pods go first).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.changes import Again, Change, Create, Delete, Emit, SetStatus
from core.simulator.kubernetes.controllers.template import new_pod
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.selectors import selects
from core.simulator.kubernetes.shape import (
    Object,
    key_of,
    labels_of,
    leaving,
    reference,
    replicas_of,
    safe_hash,
    uid_of,
)

BURST = 500
"""How many pods one pass makes or deletes."""

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}


def reconcile(resource: str, owner: Object, pods: Sequence[PodRow], now: float) -> Iterator[Change]:
    """`pods` are those that the owner controls, whatever their state."""
    living = [pod for pod in pods if pod.active]
    if not leaving(owner):
        yield from _made(resource, owner, replicas_of(owner) - len(living), now)
        yield from _deleted(resource, owner, living)
    yield from _status(resource, owner, pods, living, now)


def _made(resource: str, owner: Object, missing: int, now: float) -> Iterator[Change]:
    for number in range(min(missing, BURST)):
        ending = safe_hash(f"{uid_of(owner)}/{now}/{number}", 5)
        pod = new_pod(resource, owner, owner["spec"]["template"], f"{owner['metadata']['name']}-{ending}")
        yield Create("pods", pod)
        yield Emit(reference(resource, owner), "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}")


def _deleted(resource: str, owner: Object, living: Sequence[PodRow]) -> Iterator[Change]:
    surplus = max(0, len(living) - replicas_of(owner))
    for victim in first_to_go(living)[: min(surplus, BURST)]:
        yield Delete("pods", victim.key, victim.uid)
        yield Emit(reference(resource, owner), "SuccessfulDelete", f"Deleted pod: {victim.name}")


def first_to_go(pods: Sequence[PodRow]) -> list[PodRow]:
    """Unbound before bound, not ready before ready, from crowded nodes first, then the youngest."""
    crowd = Counter(pod.node for pod in pods)

    def rank(pod: PodRow) -> tuple[bool, int, bool, int]:
        return bool(pod.node), _PHASES.get(pod.phase, 1), pod.ready, -crowd[pod.node]

    youngest_first = sorted(pods, key=lambda pod: pod.metadata.creation_timestamp, reverse=True)
    return sorted(youngest_first, key=rank)


def _status(
    resource: str, owner: Object, pods: Sequence[PodRow], living: Sequence[PodRow], now: float
) -> Iterator[Change]:
    minimum = owner["spec"].get("minReadySeconds", 0)
    waits = [seconds for pod in living if (seconds := pod.available_in(minimum, now)) is not None]
    full = {"matchLabels": labels_of(owner["spec"]["template"])}
    counts = {
        "fullyLabeledReplicas": sum(selects(full, pod.labels) for pod in living),
        "readyReplicas": len(waits),
        "availableReplicas": waits.count(0),
        "terminatingReplicas": sum(pod.leaving for pod in pods) if resource == "replicasets.apps" else 0,
    }
    status: Object = {"replicas": len(living)} | {name: count for name, count in counts.items() if count}
    status["observedGeneration"] = owner["metadata"].get("generation", 1)
    if status != owner.get("status"):
        yield SetStatus(resource, key_of(owner), status)
    if later := [seconds for seconds in waits if seconds]:
        yield Again(min(later))
