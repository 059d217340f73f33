"""Pods on nodes that are no more: nobody could confirm their end.

Rules: kubernetes/pkg/controller/podgc.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.changes import Change, Delete
from core.simulator.kubernetes.pods import PodRow


def reconcile(pods: Sequence[PodRow]) -> Iterator[Change]:
    """`pods` are those bound to a node that does not exist."""
    for pod in pods:
        yield Delete("pods", pod.key, pod.uid, now=True)
