"""How far a pod's replicas have come; pure, with kubectl's rules for a finished rollout."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.containers.manifest import DIGEST
from core.kube.rows import DeploymentRow, PodRow
from core.kube.words import pod_finished, pod_ready, pod_words


@dataclass(frozen=True, slots=True)
class Standing:
    """`ready` of `wanted` replicas run what is declared now; `complete` says that nothing is left to wait for."""

    wanted: int
    ready: int
    complete: bool

    def __str__(self) -> str:
        return f"{self.ready} of {self.wanted} ready"


def deployment_standing(row: DeploymentRow | None) -> Standing:
    """A Deployment's standing: observed, all replicas updated and available, no old one left."""
    if row is None:
        return Standing(0, 0, False)
    wanted, status = row.spec.replicas, row.status
    observed = status.observed_generation >= row.metadata.generation
    updated = status.updated_replicas == wanted and status.replicas == wanted
    ready = min(status.updated_replicas, status.available_replicas) if observed else 0
    return Standing(wanted, ready, observed and updated and status.available_replicas == wanted)


def pods_standing(wanted: int, digest: str, pods: Iterable[PodRow]) -> Standing:
    """The standing of a ReplicationController or a bare pod, from its pods alone.

    A ReplicationController never replaces a pod by itself, so every pod must show the digest of what is declared now.
    """
    staying = lasting(pods)
    fresh = [pod for pod in staying if not is_stale(pod, digest)]
    ready = sum(pod_ready(pod) for pod in fresh)
    return Standing(wanted, ready, len(fresh) == len(staying) == wanted == ready)


def lasting(pods: Iterable[PodRow]) -> list[PodRow]:
    """The pods that count: neither on their way out nor ended (as evicted ones are, that stay listed)."""
    return [pod for pod in pods if pod.metadata.deletion_timestamp is None and not pod_finished(pod)]


def is_stale(pod: PodRow, digest: str) -> bool:
    """Whether a pod comes from another declaration than the one with this digest."""
    return pod.metadata.annotations.get(DIGEST) != digest


def obstacles(pods: Iterable[PodRow]) -> list[str]:
    """Why pods are not ready, a line each: status word, and the words of what holds them."""
    return [
        f"{pod.metadata.name}: {pod_words(pod).status}{_reason(pod)}"
        for pod in sorted(pods, key=lambda each: each.metadata.name)
        if not pod_ready(pod)
    ]


def _reason(pod: PodRow) -> str:
    statuses = (*pod.status.init_container_statuses, *pod.status.container_statuses)
    said = [
        f"{status.name}: {status.state.waiting.message}"
        for status in statuses
        if status.state.waiting is not None and status.state.waiting.message
    ]
    said += [
        condition.message
        for condition in pod.status.conditions
        if condition.type == "PodScheduled" and condition.status == "False" and condition.message
    ]
    return f" ({'; '.join(said)})" if said else ""
