"""Taking machines away: those of a cluster that is no longer declared, or all of an environment."""

from __future__ import annotations

from collections.abc import Sequence

from core.deployment.context import EnvironmentContext
from core.engine.step import Change, Graph, Report, Step


def abandoned_steps(context: EnvironmentContext) -> list[Step]:
    """Steps that release the machines of clusters that left the document."""
    declared = {cluster.name for cluster in context.environment.clusters()}
    records = context.store.machines.list(context.name)
    return [_release(context, record.component, record.name) for record in records if record.component not in declared]


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
        await context.connections.drop(name)
        await context.cloud.delete(name, report)
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
        cleared = True

    return Step(f"{context.name}/clear", context.name, context.name, "clear", "remove the rest", probe, apply, requires)
