"""PodDisruptionBudgets: how many pods may be evicted now.

Rules: kubernetes/pkg/controller/disruption.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.budgets import stands
from core.simulator.kubernetes.controllers.changes import Change, SetStatus
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.shape import Object, key_of, with_condition

RESOURCE = "poddisruptionbudgets.policy"


def reconcile(budget: Object, pods: Sequence[PodRow], expected: int, now: float) -> Iterator[Change]:
    """`pods` are those that the budget selects, `expected` how many their controllers want in all."""
    found = stands(budget["spec"], sum(pod.ready and not pod.leaving for pod in pods), expected)
    old: Object = budget.get("status") or {}
    status = {
        "currentHealthy": found.healthy,
        "desiredHealthy": found.desired,
        "disruptionsAllowed": found.allowed,
        "expectedPods": found.expected,
        "observedGeneration": budget["metadata"].get("generation", 1),
    }
    enough = {"status": "True", "reason": "SufficientPods"} if found.allowed else _SHORT
    said = {"type": "DisruptionAllowed", "message": "", "observedGeneration": status["observedGeneration"], **enough}
    status["conditions"] = with_condition(old.get("conditions") or (), said, now)
    if status != old:
        yield SetStatus(RESOURCE, key_of(budget), status)


_SHORT = {"status": "False", "reason": "InsufficientPods"}
