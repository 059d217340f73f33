"""The number of replicas of a workload, through its scale subresource."""

from __future__ import annotations

from core.engine.errors import Trouble
from core.kube import paths
from core.kube.access import Cluster

_SCALABLE = {
    "Deployment": ("apps/v1", "deployments"),
    "ReplicaSet": ("apps/v1", "replicasets"),
    "StatefulSet": ("apps/v1", "statefulsets"),
    "ReplicationController": ("v1", "replicationcontrollers"),
}


async def scale(cluster: Cluster, kind: str, namespace: str, name: str, replicas: int) -> int:
    """Ask for this many replicas; the answer is the number asked for before.

    Raises:
        Trouble: there is no such workload, or its kind cannot be scaled.
    """
    path = _path(cluster, kind, namespace, name)
    before = await _replicas(cluster, path, f"{kind} {namespace}/{name}")
    if before != replicas:
        await cluster.patch(path, {"spec": {"replicas": replicas}})
    return before


async def wanted_replicas(cluster: Cluster, kind: str, namespace: str, name: str) -> int:
    """The number of replicas that the workload is asked for.

    Raises:
        Trouble: there is no such workload, or its kind cannot be scaled.
    """
    return await _replicas(cluster, _path(cluster, kind, namespace, name), f"{kind} {namespace}/{name}")


def _path(cluster: Cluster, kind: str, namespace: str, name: str) -> str:
    if kind not in _SCALABLE:
        raise Trouble(f"a {kind} cannot be scaled", where=cluster.name, fix=f"one of {', '.join(_SCALABLE)} can")
    version, resource = _SCALABLE[kind]
    return paths.item(version, resource, namespace, name, "scale")


async def _replicas(cluster: Cluster, path: str, what: str) -> int:
    found = await cluster.get(path)
    if found is None:
        raise Trouble(f"there is no {what}", where=cluster.name)
    # Zero is left out of the API's answer.
    replicas: int = found.get("spec", {}).get("replicas", 0)
    return replicas
