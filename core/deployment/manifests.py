"""How the raw objects of a cluster are doing: there or not, made from what is declared or from something else."""

from __future__ import annotations

import asyncio

from core.cluster.context import ClusterContext
from core.containers.manifests.live import look_up
from core.containers.manifests.objects import differs, is_ours, wanted_objects
from core.engine.errors import Trouble
from core.kube.access import Cluster
from core.machines.steps import Unknown
from core.model.manifest import KubernetesManifest
from core.status import ComponentStatus, ConditionStatus

_PATIENCE = 15.0


def manifest_status(component: KubernetesManifest, condition: ConditionStatus, ready: int = 0) -> ComponentStatus:
    """The component as front ends see it; its objects are counted as replicas are."""
    return ComponentStatus(
        name=component.name,
        kind=component.kind,
        conditions=(condition,),
        cluster=component.cluster,
        replicas=len(component.manifests),
        ready_replicas=ready,
    )


async def look_at_manifest(context: ClusterContext, component: KubernetesManifest) -> ComponentStatus:
    """A component's raw objects, looked at now."""
    if not context.exists(context.blueprint.layout.control_plane):
        missing = f"cluster {component.cluster} does not exist"
        return manifest_status(component, ConditionStatus("Ready", "False", "NotDeployed", missing))
    try:
        async with asyncio.timeout(_PATIENCE):
            lacking = await _lacking(await context.api(), component)
    except (Trouble, OSError, TimeoutError, Unknown) as trouble:
        words = str(trouble) or "the API does not answer"
        return manifest_status(component, ConditionStatus("Ready", "Unknown", "CannotLook", words))
    count = len(component.manifests)
    ready = count - len(lacking)
    said = f"{ready} of {count} objects are as declared"
    if lacking:
        words = f"{said}; {', '.join(lacking)}"
        return manifest_status(component, ConditionStatus("Ready", "False", "ObjectsDiffer", words), ready)
    return manifest_status(component, ConditionStatus("Ready", "True", "AllApplied", said), ready)


async def _lacking(cluster: Cluster, component: KubernetesManifest) -> list[str]:
    """What is wrong, object by object."""
    wanted = wanted_objects(component)
    live = await look_up(cluster, [one.name for one in wanted])
    words = []
    for one in wanted:
        there = live.get(one.name)
        if there is None:
            words.append(f"{one.name} is not there")
        elif not is_ours(there, component.name):
            words.append(f"{one.name} is somebody else's")
        elif differs(one, there):
            words.append(f"{one.name} is another one")
    return words
