"""How an environment is doing: from the database alone, or looked at now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from core.cluster.context import ClusterContext
from core.cluster.look import look
from core.containers.manifest import NAMESPACE, pod_selector
from core.deployment.context import EnvironmentContext
from core.deployment.hosts import host_status, look_at_host
from core.deployment.manifests import look_at_manifest, manifest_status
from core.engine.errors import Trouble
from core.kube import paths
from core.kube.access import Cluster
from core.kube.rows import PodRow
from core.kube.words import age_seconds, pod_ready, pod_words
from core.machines.steps import Unknown
from core.model.cluster import KubernetesCluster
from core.model.declaration import Component
from core.model.environment import Environment
from core.model.manifest import KubernetesManifest
from core.model.pod import KubernetesPod
from core.status import ComponentStatus, ConditionStatus, EnvironmentStatus, InstanceStatus, Truth
from core.store.environments import EnvironmentRecord

PATIENCE = 15.0


def declared_status(record: EnvironmentRecord, environment: Environment | None) -> EnvironmentStatus:
    """What the database knows: the components as declared, none looked at."""
    components = tuple(_declared(component) for component in environment.components) if environment else ()
    return EnvironmentStatus(
        environment=record.name,
        status=record.status,
        provider=environment.provider.kind if environment else "",
        simulated=environment is not None and environment.provider.kind == "simulated",
        components=components,
        deployed=record.document is not None,
        draft=record.draft,
        taken=time.time(),
    )


def _declared(component: Component) -> ComponentStatus:
    unknown = ConditionStatus("Ready", "Unknown", "NotLooked", "not looked at yet")
    if isinstance(component, KubernetesCluster):
        return _cluster_status(component, (unknown,))
    if isinstance(component, KubernetesPod):
        return _pod_status(component, (unknown,), ())
    if isinstance(component, KubernetesManifest):
        return manifest_status(component, unknown)
    return host_status(component, (unknown,))


async def live_status(context: EnvironmentContext, record: EnvironmentRecord) -> EnvironmentStatus:
    """Look at every component now; what does not answer becomes a condition."""
    found = declared_status(record, context.environment)
    try:
        async with asyncio.timeout(PATIENCE * 2):
            await context.observe()
    except (Trouble, OSError, TimeoutError) as trouble:
        return replace(found, trouble=str(trouble) or "the provider does not answer")
    parts = await asyncio.gather(*(_component(context, component) for component in context.environment.components))
    return replace(found, components=tuple(parts), taken=time.time())


async def _component(context: EnvironmentContext, component: Component) -> ComponentStatus:
    if isinstance(component, KubernetesCluster):
        return await _look_at_cluster(context.clusters[component.name])
    if isinstance(component, KubernetesPod):
        return await _look_at_pod(context, component)
    if isinstance(component, KubernetesManifest):
        return await look_at_manifest(context.clusters[component.cluster], component)
    return await look_at_host(context.hosts[component.name])


async def _look_at_cluster(context: ClusterContext) -> ComponentStatus:
    cluster = context.blueprint.cluster
    if not context.exists(context.blueprint.layout.control_plane):
        return _cluster_status(cluster, (_missing("the cluster's control plane does not exist"),))
    found = await look(context)
    status = _cluster_status(cluster, found.conditions, context.blueprint.versions["kubernetes"])
    return replace(status, nodes=found.nodes, etcd=found.etcd)


def _missing(message: str) -> ConditionStatus:
    return ConditionStatus("Ready", "False", "NotDeployed", message)


def _cluster_status(
    cluster: KubernetesCluster, conditions: Sequence[ConditionStatus], version: str = ""
) -> ComponentStatus:
    return ComponentStatus(
        name=cluster.name,
        kind=cluster.kind,
        conditions=tuple(conditions),
        version=version or cluster.version,
        network=cluster.network,
        workers=cluster.workers.count,
        workers_max=cluster.workers.max,
        gateways=cluster.gateways.count,
        gateways_max=cluster.gateways.max,
    )


async def _look_at_pod(context: EnvironmentContext, pod: KubernetesPod) -> ComponentStatus:
    cluster = context.clusters[pod.cluster]
    if not cluster.exists(cluster.blueprint.layout.control_plane):
        return _pod_status(pod, (_missing(f"cluster {pod.cluster} does not exist"),), ())
    try:
        async with asyncio.timeout(PATIENCE):
            rows = await _replicas(await cluster.api(), pod)
    except (Trouble, OSError, TimeoutError, Unknown) as trouble:
        unknown = ConditionStatus("Ready", "Unknown", "CannotLook", str(trouble) or "the API does not answer")
        return _pod_status(pod, (unknown,), ())
    instances = tuple(_instance(row) for row in rows)
    return _pod_status(pod, (_pod_condition(pod, instances),), instances)


async def _replicas(cluster: Cluster, pod: KubernetesPod) -> Sequence[PodRow]:
    return await cluster.list(paths.pods(NAMESPACE), PodRow, labels=pod_selector(pod.name))


def _pod_condition(pod: KubernetesPod, instances: Sequence[InstanceStatus]) -> ConditionStatus:
    wanted = max(1, pod.replicas) if pod.applications else 0
    ready = sum(instance.ready for instance in instances)
    if ready == wanted and len(instances) == wanted:
        return ConditionStatus("Ready", "True", "ReplicasReady", f"{ready} of {wanted} replicas are ready")
    words = ", ".join(f"{instance.name}: {instance.status}" for instance in instances if not instance.ready)
    truth: Truth = "False"
    return ConditionStatus("Ready", truth, "ReplicasNotReady", f"{ready} of {wanted} replicas are ready; {words}")


def _instance(row: PodRow) -> InstanceStatus:
    words = pod_words(row)
    return InstanceStatus(
        name=row.metadata.name,
        status=words.status,
        ready=pod_ready(row),
        node=row.spec.node_name,
        restarts=words.restarts,
        age_seconds=age_seconds(row.metadata),
        containers=tuple(container.name for container in row.spec.containers),
    )


def _pod_status(
    pod: KubernetesPod, conditions: Sequence[ConditionStatus], instances: Sequence[InstanceStatus]
) -> ComponentStatus:
    return ComponentStatus(
        name=pod.name,
        kind=pod.kind,
        conditions=tuple(conditions),
        cluster=pod.cluster,
        workload=pod.effective_workload,
        replicas=pod.replicas,
        ready_replicas=sum(instance.ready for instance in instances),
        instances=tuple(instances),
    )
