"""What a cluster leaves on this computer when its machines are gone: keys, remembered facts, endpoints."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from core.deployment.context import EnvironmentContext
from core.engine.errors import Trouble
from core.engine.step import Change, Report, Step
from core.model.connections import holders
from core.model.naming import declared_machines


def gone_clusters(context: EnvironmentContext) -> list[str]:
    """The clusters and Docker hosts that left the document and of which something is here still, by name."""
    recorded = {record.component for record in context.store.machines.list(context.name)}
    with_keys = {path.parent.name for path in context.keys.glob("clusters/*/ca.key")}
    return sorted((recorded | with_keys) - declared_machines(context.environment).keys())


def forget_values(context: EnvironmentContext, cluster: str) -> None:
    """Forget that the cluster ever was up, or one of its name could never be made again."""
    for key in context.store.values.all(context.name, cluster):
        context.store.values.delete(context.name, cluster, key)


def forget_step(context: EnvironmentContext, cluster: str, requires: frozenset[str]) -> Step:
    """Nothing is kept of a cluster whose machines are released."""
    keys = context.cluster_keys(cluster)

    async def probe() -> Sequence[Change]:
        kept = keys.exists() or context.store.values.all(context.name, cluster)
        return [Change("delete", f"keys of cluster {cluster}")] if kept else []

    async def apply(changes: Sequence[Change], report: Report) -> None:
        # The keys go last: they tell the next run that something is left.
        forget_values(context, cluster)
        _remove(keys)
        report(f"cluster {cluster} is forgotten")

    return Step(f"{cluster}/forget", cluster, cluster, "forget", f"forget {cluster}", probe, apply, requires)


def endpoints_step(context: EnvironmentContext) -> Step:
    """No endpoint is listed of a pod that left the document, also where its cluster left with it."""
    declared = holders(context.environment).keys()

    def left() -> list[str]:
        return sorted({entry.component for entry in context.store.endpoints.list(context.name)} - declared)

    async def probe() -> Sequence[Change]:
        return [Change("delete", f"endpoints of {component}") for component in left()]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        for component in left():
            context.store.endpoints.replace(context.name, component, [])

    name = context.name
    return Step(f"{name}/forget-endpoints", name, name, "forget", "forget endpoints of pods that left", probe, apply)


def _remove(directory: Path) -> None:
    try:
        shutil.rmtree(directory)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Trouble(f"the keys cannot be removed: {error.strerror}", where=str(directory)) from error
