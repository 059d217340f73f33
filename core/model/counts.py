"""Changed counts: the declaration that a scale action deploys, or the reason why there is none."""

from __future__ import annotations

from core.model.base import Declared
from core.model.cluster import KubernetesCluster
from core.model.environment import Environment
from core.model.pod import MOST_REPLICAS, KubernetesPod


class Limit(ValueError):
    """A count that the declaration does not allow, with a sentence."""


def with_worker_count(environment: Environment, cluster: str, count: int) -> Environment:
    """The environment with this many workers in a cluster.

    Raises:
        Limit: fewer than one or more than the maximum.
        KeyError: there is no such cluster.
    """
    old = _cluster(environment, cluster)
    _bounded(cluster, "worker", count, old.workers.max)
    return _replaced(environment, old, workers=old.workers.model_copy(update={"count": count}))


def with_gateway_count(environment: Environment, cluster: str, count: int) -> Environment:
    """The environment with this many gateways in a cluster.

    Raises:
        Limit: fewer than one or more than the maximum.
        KeyError: there is no such cluster.
    """
    old = _cluster(environment, cluster)
    _bounded(cluster, "gateway", count, old.gateways.max)
    return _replaced(environment, old, gateways=old.gateways.model_copy(update={"count": count}))


def with_replicas(environment: Environment, pod: str, replicas: int) -> Environment:
    """The environment with this many replicas of a pod.

    Raises:
        Limit: the pod is a bare one, or fewer than one or too many are asked for.
        KeyError: there is no such pod.
    """
    old = environment.component(pod)
    if not isinstance(old, KubernetesPod):
        raise KeyError(pod)
    if old.replicas == 0:
        raise Limit(f"{pod} is a bare pod (replicas: 0), which cannot be scaled – set `replicas` in the document")
    if replicas < 1:
        raise Limit(f"{pod}: at least one replica must stay")
    if replicas > MOST_REPLICAS:
        raise Limit(f"{pod}: maximum of {MOST_REPLICAS} replicas reached")
    return _replaced(environment, old, replicas=replicas)


def _cluster(environment: Environment, name: str) -> KubernetesCluster:
    found = environment.component(name)
    if not isinstance(found, KubernetesCluster):
        raise KeyError(name)
    return found


def _bounded(cluster: str, role: str, count: int, most: int) -> None:
    if count < 1:
        raise Limit(f"{cluster}: at least one {role} must stay")
    if count > most:
        raise Limit(f"{cluster}: maximum of {most} {role}{'s' * (most > 1)} reached – raise {role}s.max")


def _replaced(environment: Environment, old: Declared, **fields: object) -> Environment:
    """The environment with one component changed; the counts were checked, so nothing else can have become wrong."""
    new = old.model_copy(update=fields)
    components = tuple(new if part is old else part for part in environment.components)
    return environment.model_copy(update={"components": components})
