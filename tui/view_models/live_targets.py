"""Lines of the tree → the live objects that they stand for."""

from __future__ import annotations

from collections.abc import Mapping

from core.live.logs import LogQuery
from core.live.objects import ClusterRef, Kind, Target
from core.status import ComponentStatus
from tui.view_models.log_feed import TAIL, UNITS, LogFeed
from tui.view_models.tree import TreeLine

NODE = Kind("Node", "nodes", "v1", False, ("no",))
POD = Kind("Pod", "pods", "v1", True, ("po",))
WORKLOADS: Mapping[str, Kind] = {
    "Deployment": Kind("Deployment", "deployments", "apps/v1", True, ("deploy",)),
    "ReplicationController": Kind("ReplicationController", "replicationcontrollers", "v1", True, ("rc",)),
    "Pod": POD,
}
"""The kinds of object that a declared pod may be, by the word of its document."""

NAMESPACE = "default"
"""Where the pods of the declaration live."""


def cluster_of(line: TreeLine | None) -> ClusterRef | None:
    """The cluster that a line belongs to, None where it belongs to none."""
    if line is None or line.component is None:
        return None
    component = line.component
    name = component.name if component.kind == "KubernetesCluster" else component.cluster
    return ClusterRef(line.environment.environment, name) if name else None


def clusters_of(line: TreeLine | None) -> tuple[ClusterRef, ...]:
    """The line's cluster, or all clusters of its environment."""
    found = cluster_of(line)
    if found is not None:
        return (found,)
    if line is None:
        return ()
    clusters = (part for part in line.environment.components if part.kind == "KubernetesCluster")
    return tuple(ClusterRef(line.environment.environment, cluster.name) for cluster in clusters)


def target_of(line: TreeLine | None) -> Target | None:
    """The object that a line is: a machine's node, a replica's pod, the pod of a container; None for others."""
    cluster = cluster_of(line)
    if line is None or cluster is None:
        return None
    if line.node is not None:
        return Target(cluster, NODE, line.node.name)
    return Target(cluster, POD, line.instance, NAMESPACE, container=line.container) if line.instance else None


def workload_of(environment: str, component: ComponentStatus) -> Target | None:
    """The object that a declared pod is, None for a component of another kind."""
    kind = WORKLOADS.get(component.workload)
    return Target(ClusterRef(environment, component.cluster), kind, component.name, NAMESPACE) if kind else None


def pod_labels(name: str) -> str:
    """The selector of a declared pod's replicas; the label is set by us and always wins."""
    return f"id={name}"


def feed_of(line: TreeLine | None) -> LogFeed | None:
    """The logs of a line: a replica's, those of all replicas of a pod, of a machine's services, of a Docker host."""
    if line is not None and line.component is not None and line.kind in ("host", "container"):
        title = line.instance or line.component.name
        environment = line.environment.environment
        return LogFeed(title, environment=environment, host=line.component.name, application=line.instance)
    cluster = cluster_of(line)
    if line is None or cluster is None or line.component is None:
        return None
    if line.node is not None:
        return LogFeed(line.node.name, cluster=cluster, machine=line.node.name, unit=UNITS[0])
    if line.instance:
        target = Target(cluster, POD, line.instance, NAMESPACE)
        query = LogQuery(targets=(target,), container=line.container, tail=TAIL)
        return LogFeed(line.container or line.instance, query)
    if line.component.kind != "KubernetesPod":
        return None
    labels = pod_labels(line.component.name)
    return LogFeed(line.component.name, LogQuery(clusters=(cluster,), namespace=NAMESPACE, labels=labels, tail=TAIL))
