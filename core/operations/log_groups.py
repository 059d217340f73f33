"""Which pods' logs a query asks for."""

from __future__ import annotations

from typing import Any

import msgspec

from core.engine.errors import Refusal
from core.kube import paths
from core.kube.log_streams import Group
from core.kube.objects import read
from core.kube.rows import Selector
from core.kube.selectors import Requirement, selector_text
from core.live.logs import LogQuery
from core.live.objects import Target
from core.operations.reach import Reach

_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}


async def groups(reach: Reach, query: LogQuery) -> list[Group]:
    """A group for each pod, workload or service of the query, and one for its labels in each cluster.

    Raises:
        Refusal: it asks for nothing, or for something that has no pods.
    """
    found = [await _of_target(reach, target) for target in query.targets]
    if query.labels:
        for ref in query.clusters:
            cluster = (await reach.way(ref)).cluster
            found.append(Group(ref, cluster, query.namespace, labels=query.labels))
    if not found:
        raise Refusal("nothing is selected whose logs could be read")
    return found


async def _of_target(reach: Reach, target: Target) -> Group:
    cluster = (await reach.way(target.cluster)).cluster
    if target.kind.kind == "Pod":
        return Group(target.cluster, cluster, target.namespace, pod=target.name)
    labels = pod_selector(await read(cluster, target))
    if not labels:
        raise Refusal(f"{target} has no pods whose logs could be read", where=cluster.name)
    return Group(target.cluster, cluster, target.namespace, labels=labels)


def pod_selector(thing: dict[str, Any]) -> str:
    """The label selector of the pods of a workload or a service, "" where it has none."""
    selector = thing.get("spec", {}).get("selector") or {}
    if not isinstance(selector, dict):
        return ""
    if "matchLabels" not in selector and "matchExpressions" not in selector:
        return paths.selector(selector)
    found = msgspec.convert(selector, Selector)
    wanted = [Requirement(key, "in", (value,)) for key, value in found.match_labels.items()]
    wanted += [Requirement(one.key, _OPERATORS[one.operator], one.values) for one in found.match_expressions]
    return selector_text(wanted)
