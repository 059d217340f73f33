"""What machines stand on, as steps: the provider's network and groups before them, open ports after the pods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from core.clouds.base import Grounded, OpenPort
from core.deployment.context import EnvironmentContext
from core.engine.step import Change, Report, Step
from core.model.scope import Scope


def grounded(context: EnvironmentContext, steps: Iterable[Step]) -> list[Step]:
    """The steps, with the ground laid before any machine is made; unchanged where the provider has none."""
    cloud = context.cloud
    if not isinstance(cloud, Grounded):
        return list(steps)
    ground = _ground_step(context, cloud)
    needed = frozenset({ground.id})
    return [
        ground, *(replace(one, requires=one.requires | needed) if one.phase == "create" else one for one in steps)
    ]  # fmt: skip


def _ground_step(context: EnvironmentContext, cloud: Grounded) -> Step:
    async def probe() -> Sequence[Change]:
        return await cloud.ground_changes(context.all_wishes())

    async def apply(changes: Sequence[Change], report: Report) -> None:
        await cloud.lay_ground(context.all_wishes(), report)
        # Addresses of machines may have come and gone with it; all steps share this mapping.
        context.machines.update(await context.cloud.machines())

    name = context.name
    return Step(f"{name}/ground", name, name, "ground", "lay network and security groups", probe, apply)


def ports_steps(
    context: EnvironmentContext, component: str, wanted: Callable[[], Sequence[OpenPort]], requires: Iterable[str]
) -> list[Step]:
    """The provider lets in exactly what a component publishes, which `wanted` says when it is asked."""
    cloud = context.cloud
    if not isinstance(cloud, Grounded):
        return []

    async def probe() -> Sequence[Change]:
        return await cloud.port_changes(component, wanted())

    async def apply(changes: Sequence[Change], report: Report) -> None:
        await cloud.open_ports(component, wanted(), report)

    title = f"open the published ports of {component}"
    return [
        Step(f"{component}/open-ports", component, component, "open-ports", title, probe, apply, frozenset(requires))
    ]


def published_ports(context: EnvironmentContext, pods: Iterable[str]) -> list[OpenPort]:
    """The ports that are recorded as published for these pods, each once and as wide as any wants it."""
    wide: dict[tuple[int, str], bool] = {}
    names = set(pods)
    for record in context.store.endpoints.list(context.name):
        if record.component in names and record.scope == str(Scope.CLOUD):
            key = record.port, record.protocol
            wide[key] = wide.get(key, False) or record.port_scope == str(Scope.PUBLIC)
    return [OpenPort(port, protocol, public) for (port, protocol), public in sorted(wide.items())]


def cleared_steps(context: EnvironmentContext, component: str, requires: Iterable[str]) -> list[Step]:
    """Nothing of a component that has left is at the provider any more, once its machines are gone."""
    cloud = context.cloud
    if not isinstance(cloud, Grounded):
        return []

    async def probe() -> Sequence[Change]:
        return await cloud.leftover_changes(component)

    async def apply(changes: Sequence[Change], report: Report) -> None:
        await cloud.clear(component, report)

    title = f"remove the security groups of {component}"
    return [Step(f"{component}/cleared", component, component, "cleared", title, probe, apply, frozenset(requires))]
