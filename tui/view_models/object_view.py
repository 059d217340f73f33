"""Which live objects are shown: what a line of the tree begins with, what opening an object leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.live.objects import ClusterRef, Target
from core.live.tables import LiveRow, TableQuery
from tui.view_models.live_targets import NAMESPACE, clusters_of, pod_labels
from tui.view_models.tree import TreeLine


@dataclass(frozen=True, slots=True)
class ObjectView:
    """A table of live objects: what is asked for, the filter in it, the object that has the cursor at first."""

    query: TableQuery
    title: str = ""
    filter: str = ""
    name: str = ""

    @property
    def command(self) -> str:
        """The command that shows the same, to be kept as a bookmark."""
        query = self.query
        parts = [query.resource, ",".join(query.namespaces), query.labels, f"/{self.filter}" if self.filter else ""]
        parts.append("@" + ",".join(map(str, query.clusters)))
        return " ".join(part for part in parts if part)


def first_view(line: TreeLine | None) -> ObjectView | None:
    """What the objects tab shows of a line: its pods, or the nodes of a group; None where no cluster is."""
    clusters = clusters_of(line)
    if line is None or not clusters:
        return None
    if line.node is not None:
        return pods_of_node(clusters[0], line.node.name)
    if line.kind in ("control-plane", "workers", "gateways"):
        return ObjectView(TableQuery(clusters, "nodes"), f"nodes of {clusters[0]}")
    if line.component is not None and line.component.kind == "KubernetesPod":
        query = TableQuery(clusters, "pods", (NAMESPACE,), pod_labels(line.component.name))
        return ObjectView(query, f"pods of {line.component.name}", name=line.instance)
    return ObjectView(TableQuery(clusters, "pods"), f"pods of {line.key[-1]}")


def events_view(line: TreeLine | None) -> ObjectView | None:
    """What the events tab shows of a line: what happened to it, or in its clusters."""
    clusters = clusters_of(line)
    if line is None or not clusters:
        return None
    name = line.node.name if line.node is not None else line.instance
    fields = f"involvedObject.name={name}" if name else ""
    return ObjectView(TableQuery(clusters, "events", fields=fields), f"events of {name or line.key[-1]}")


def pods_of_node(cluster: ClusterRef, node: str) -> ObjectView:
    """The pods that run on a node."""
    return ObjectView(TableQuery((cluster,), "pods", fields=f"spec.nodeName={node}"), f"pods on {node}")


def object_of(target: Target) -> ObjectView:
    """The table of the object's kind, with the cursor on it."""
    namespaces = (target.namespace,) if target.namespace else ()
    return ObjectView(TableQuery((target.cluster,), target.kind.id, namespaces), f"{target}", name=target.name)


def inside_of(row: LiveRow) -> ObjectView | None:
    """What opening an object shows: a node's, a workload's, a service's or a namespace's pods; None for others."""
    kind = row.kind.kind
    if kind == "Node":
        return pods_of_node(row.cluster, row.name)
    if kind == "Namespace":
        return ObjectView(TableQuery((row.cluster,), "pods", (row.name,)), f"pods of {row.name}")
    if kind == "CronJob":
        query = TableQuery((row.cluster,), "jobs", (row.namespace,))
        return ObjectView(query, f"jobs of {row.name}", filter=f"^{row.name}-")
    labels = selected_labels(row.row)
    if not labels:
        return None
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    return ObjectView(TableQuery((row.cluster,), "pods", (row.namespace,), selector), f"pods of {row.name}")


def selected_labels(row: Any) -> Mapping[str, str]:
    """The labels by which a workload or a service finds its pods, none where the object has no selector."""
    selector = getattr(getattr(row, "spec", None), "selector", None)
    if isinstance(selector, Mapping):
        return selector
    found = getattr(selector, "match_labels", None)
    return found if isinstance(found, Mapping) else {}
