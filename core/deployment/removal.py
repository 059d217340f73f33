"""Taking machines away: those of a component that is no longer declared, or all of an environment."""

from __future__ import annotations

from collections.abc import Sequence

from core.cluster.retire import retire
from core.deployment.context import EnvironmentContext
from core.deployment.ground import cleared_steps
from core.deployment.leftovers import endpoints_step, forget_step, forget_values, gone_clusters
from core.engine.step import Change, Graph, Report, Step
from core.store.keys import delete_host_key


def abandoned_steps(context: EnvironmentContext) -> list[Step]:
    """Steps that release the machines of clusters that left the document, and then forget these clusters."""
    steps = [endpoints_step(context), *_renamed(context)]
    for cluster in gone_clusters(context):
        records = context.store.machines.list(context.name, cluster)
        released = [_release(context, cluster, record.name) for record in records]
        released += cleared_steps(context, cluster, [step.id for step in released])
        steps += [*released, forget_step(context, cluster, frozenset(step.id for step in released))]
    return steps


def _renamed(context: EnvironmentContext) -> list[Step]:
    """Steps that release the machines which Docker hosts had under another name."""
    return [
        _release(context, host.name, record.name)
        for host in context.environment.hosts()
        for record in context.store.machines.list(context.name, host.name)
        if record.name != host.machine
    ]


async def destroy_graph(context: EnvironmentContext) -> Graph:
    """Steps that release every machine, then everything else that the environment has at its provider."""
    context.machines = await context.cloud.machines()
    owners = {record.name: record.component for record in context.store.machines.list(context.name)}
    names = sorted(owners.keys() | context.machines.keys())
    machines = [_release(context, owners.get(name, context.name), name) for name in names]
    return Graph.of([*machines, _clear(context, frozenset(step.id for step in machines))])


def _release(context: EnvironmentContext, component: str, name: str) -> Step:
    async def probe() -> Sequence[Change]:
        known = context.store.machines.get(context.name, name)
        if known is None and name not in await context.cloud.machines():
            return []
        return [Change("delete", f"machine {name}")]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        if context.cloud.keeps_machines and name in context.machines:
            await retire(context.connections, name, report)
        await context.connections.drop(name)
        await context.cloud.delete(name, report)
        delete_host_key(context.store.home, context.name, name)
        context.store.machines.delete(context.name, name)
        report(f"machine {name} is released")

    return Step(f"{component}/{name}/delete", component, name, "delete", f"delete {name}", probe, apply, deadline=300)


def _clear(context: EnvironmentContext, requires: frozenset[str]) -> Step:
    cleared = False

    async def probe() -> Sequence[Change]:
        # What a provider has beside machines it alone can tell: asked to remove it once, it proves that it is gone.
        return [] if cleared else [Change("delete", f"everything else of {context.name}")]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        nonlocal cleared
        await context.cloud.remove_all(report)
        for cluster in (*gone_clusters(context), *(declared.name for declared in context.environment.clusters())):
            forget_values(context, cluster)
        cleared = True

    return Step(f"{context.name}/clear", context.name, context.name, "clear", "remove the rest", probe, apply, requires)
