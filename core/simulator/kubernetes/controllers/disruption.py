"""PodDisruptionBudgets: how many pods may be evicted now.

Rules: kubernetes/pkg/controller/disruption.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.changes import Change, SetStatus
from core.simulator.kubernetes.controllers.rolling import resolve
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.shape import Object, key_of, with_condition

RESOURCE = "poddisruptionbudgets.policy"


def reconcile(budget: Object, pods: Sequence[PodRow], expected: int, now: float) -> Iterator[Change]:
    """`pods` are those that the budget selects, `expected` how many their controllers want in all."""
    healthy = sum(pod.ready and not pod.leaving for pod in pods)
    desired = _desired(budget["spec"], expected)
    old: Object = budget.get("status") or {}
    allowed = max(0, healthy - desired) if expected else 0
    status = {
        "currentHealthy": healthy,
        "desiredHealthy": desired,
        "disruptionsAllowed": allowed,
        "expectedPods": expected,
        "observedGeneration": budget["metadata"].get("generation", 1),
    }
    enough = {"status": "True", "reason": "SufficientPods"} if allowed else _SHORT
    said = {"type": "DisruptionAllowed", "message": "", "observedGeneration": status["observedGeneration"], **enough}
    status["conditions"] = with_condition(old.get("conditions") or (), said, now)
    if status != old:
        yield SetStatus(RESOURCE, key_of(budget), status)


_SHORT = {"status": "False", "reason": "InsufficientPods"}


def _desired(spec: Object, expected: int) -> int:
    """How many must stay healthy; percentages are rounded up."""
    if "maxUnavailable" in spec:
        return max(0, expected - resolve(spec["maxUnavailable"], expected, math.ceil))
    return resolve(spec.get("minAvailable", 1), expected, math.ceil)
