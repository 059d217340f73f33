"""PodDisruptionBudgets: how many pods may go now; pure.

Source: kubernetes.io, "Specifying a Disruption Budget"; pkg/controller/disruption.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.simulator.kubernetes.selectors import selects

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """The counts in a budget's status: pods that are healthy, that must be, and that there should be."""

    healthy: int
    desired: int
    expected: int

    @property
    def allowed(self) -> int:
        """How many pods may go now."""
        return max(0, self.healthy - self.desired) if self.expected else 0


def covers(budget: Object, pod: Object) -> bool:
    """Whether a pod counts in a budget of its own namespace."""
    same = budget["metadata"]["namespace"] == pod["metadata"]["namespace"]
    return same and selects(budget["spec"].get("selector"), pod["metadata"].get("labels") or {})


def standing(budget: Object, pods: Iterable[Object]) -> Standing:
    """Where a budget stands; pods that their controllers want and have not made yet count as expected."""
    covered = [pod for pod in pods if covers(budget, pod) and not _ended(pod)]
    expected = max(len(covered), budget.get("status", {}).get("expectedPods", 0))
    return stands(budget["spec"], sum(1 for pod in covered if is_healthy(pod)), expected)


def stands(spec: Object, healthy: int, expected: int) -> Standing:
    """Where a budget with so many healthy pods, of so many expected ones, stands."""
    if "maxUnavailable" in spec:
        return Standing(healthy, max(0, expected - _share(spec["maxUnavailable"], expected)), expected)
    return Standing(healthy, _share(spec.get("minAvailable", 0), expected), expected)


def is_healthy(pod: Object) -> bool:
    """Whether a pod is ready and stays."""
    conditions = pod.get("status", {}).get("conditions") or ()
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and "deletionTimestamp" not in pod["metadata"]


def _ended(pod: Object) -> bool:
    return pod.get("status", {}).get("phase") in ("Succeeded", "Failed")


def _share(value: object, total: int) -> int:
    text = str(value)
    if text.endswith("%"):
        share = text[:-1]
        return math.ceil(int(share) * total / 100) if share.isdecimal() else 0
    return int(text) if text.isdecimal() else 0
