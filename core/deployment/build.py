"""An environment's graph: clusters and Docker hosts beside each other, each pod after its cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from core.cluster.context import UP, ClusterContext
from core.cluster.etcd import members
from core.cluster.membership import Member, complete
from core.cluster.plan import cluster_steps
from core.containers.manifests.steps import manifest_steps
from core.containers.pod import pod_steps
from core.deployment.checking import refuse_host_paths
from core.deployment.context import EnvironmentContext
from core.deployment.ground import grounded, ports_steps, published_ports
from core.deployment.hosts import all_host_steps
from core.deployment.permitted import refuse_changes
from core.deployment.pods import pod_site
from core.deployment.published import published_steps
from core.deployment.removal import abandoned_steps
from core.engine.errors import Refusal, Trouble
from core.engine.step import Graph, Step
from core.model.naming import declared_machines


async def deployment_graph(context: EnvironmentContext) -> Graph:
    """Everything that makes the environment what its document says.

    Raises:
        Refusal: something stands in the way before anything is created.
    """
    await context.observe()
    await check(context)
    steps: list[Step] = []
    for cluster in context.clusters.values():
        wish = partial(context.wish, cluster.blueprint.cluster)
        steps += cluster_steps(cluster, wish, await observed_members(cluster))
    steps += all_host_steps(context)
    steps = grounded(context, steps)
    for cluster in context.clusters.values():
        site = pod_site(context, cluster)
        raw = manifest_steps(site, _before_pods(cluster))
        # Storage classes, accounts and the like: pods may need what raw objects bring about.
        steps += [*raw, *pod_steps(site, frozenset({raw[-1].id}))]
        steps += published_steps(context, cluster)
        steps += _open_ports(context, cluster)
    steps += abandoned_steps(context)
    return Graph.of(steps)


def _open_ports(context: EnvironmentContext, cluster: ClusterContext) -> list[Step]:
    """What the gateways publish is let in once it is known, and no more once it is gone."""
    pods = [pod.name for pod in context.environment.pods(cluster.name)]
    requires = [f"{cluster.name}/pods/removed", *(f"{pod}/endpoints" for pod in pods)]
    return ports_steps(context, cluster.name, lambda: published_ports(context, pods), requires)


def _before_pods(cluster: ClusterContext) -> frozenset[str]:
    """The steps that pods wait for: an API to talk to, rights to pull, gateways to be published on, and
    the drains that will move them.
    """
    layout = cluster.blueprint.layout
    gateways = {cluster.id("gateway", node) for node in layout.of("gateway")}
    drained = {cluster.id("drain", node) for node in layout.leaving}
    registry = {cluster.id("registry")} if cluster.blueprint.cluster.registry.credentials else set()
    return frozenset({cluster.id("access"), *gateways, *drained, *registry})


async def refuse_early(context: EnvironmentContext) -> None:
    """Raises `Refusal` before a run is recorded: for what cannot be changed, and where machines are to be made for
    every obstacle.
    """
    refuse_changes(context.store, context.environment)
    refuse_host_paths(context.environment)
    context.machines = await context.cloud.machines()
    declared = {name for names in declared_machines(context.environment).values() for name in names}
    if declared - context.machines.keys():
        await context.observe()
        await check(context)


async def check(context: EnvironmentContext) -> None:
    """Raises `Refusal` with every obstacle, before anything is created."""
    refuse_changes(context.store, context.environment)
    refuse_host_paths(context.environment)
    missing = [wish for wish in context.all_wishes() if wish.name not in context.machines]
    if not missing:
        return
    obstacles = await context.cloud.preflight(missing)
    if obstacles:
        sentences = "; ".join(f"{obstacle.what} ({obstacle.fix})" for obstacle in obstacles)
        raise Refusal(sentences, where=context.cloud.kind)


async def observed_members(cluster: ClusterContext) -> Sequence[Member] | None:
    """etcd's members, None where etcd never was up. Where it was and does not answer, nothing may be moved."""
    was_up = bool(cluster.store.values.get(cluster.environment, cluster.name, UP))
    try:
        async with asyncio.timeout(30):
            found = await members(await cluster.voter())
    except (Trouble, OSError, TimeoutError) as trouble:
        if not was_up:
            return None
        _nobody_leaves(cluster, str(trouble) or "no answer")
        return ()
    return found if was_up or complete(found) else None


def _nobody_leaves(cluster: ClusterContext, trouble: str) -> None:
    """A machine must not go while nobody can say whether etcd needs it."""
    if leaving := ", ".join(node.name for node in cluster.blueprint.layout.leaving):
        raise Refusal(
            f"{leaving} cannot leave while etcd does not answer: {trouble}",
            where=cluster.name,
            fix="start etcd again on the control plane and on enough voters for a quorum, then deploy again",
        )
