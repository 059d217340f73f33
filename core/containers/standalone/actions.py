"""Operations on a Docker host's containers: restarted as they are, or made anew from what is declared."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from core.containers.standalone import labels
from core.containers.standalone.applications import ContainerStep
from core.containers.standalone.engine import Engine, Found
from core.containers.standalone.readiness import ReadyStep
from core.containers.standalone.site import HostSite
from core.containers.standalone.usage import usage_of
from core.engine.errors import Refusal
from core.engine.step import Report
from core.model.container import Application
from core.status import UsageStatus

_PATIENCE = 180.0

Work = Callable[[HostSite, Engine, Application, Found, Report], Awaitable[None]]


async def restart_containers(
    site: HostSite, applications: Sequence[Application], report: Report, *, patience: float = _PATIENCE
) -> None:
    """Stop and start the applications' containers, side by side, and return when all answer again.

    Raises:
        Refusal: one has no container; then none is touched. Trouble: one does not answer in time, with its last lines.
    """
    await _each(site, applications, report, _restart, patience)


async def recreate_containers(
    site: HostSite, applications: Sequence[Application], report: Report, *, patience: float = _PATIENCE
) -> None:
    """Remove the applications' containers and make them anew; ports, addresses and named volumes stay.

    Raises as `restart_containers` does.
    """
    await _each(site, applications, report, _recreate, patience)


async def usages(site: HostSite, applications: Sequence[Application]) -> list[UsageStatus]:
    """What the applications' containers use now; one without a container is left out."""
    async with site.engine() as engine:
        found = await _containers(engine, site)
        there = [one.name for one in applications if one.name in found]
        told = await asyncio.gather(*(engine.stats(found[name].id, name) for name in there))
    return [usage_of(site.host.name, name, figures) for name, figures in zip(there, told, strict=True)]


async def _each(
    site: HostSite, applications: Sequence[Application], report: Report, work: Work, patience: float
) -> None:
    async with site.engine() as engine:
        found = await _containers(engine, site)
        missing = [one.name for one in applications if one.name not in found]
        if missing or not applications:
            what = f"no container of {', '.join(missing) or 'any application'}"
            raise Refusal(what, where=site.host.name, fix="deploy the environment first")
        await asyncio.gather(*(work(site, engine, one, found[one.name], report) for one in applications))
    await asyncio.gather(*(ReadyStep(site, one, patience).apply((), report) for one in applications))


async def _restart(site: HostSite, engine: Engine, one: Application, found: Found, report: Report) -> None:
    await engine.restart(found.id, found.name)
    report(f"container {found.name} restarted")


async def _recreate(site: HostSite, engine: Engine, one: Application, found: Found, report: Report) -> None:
    await engine.remove(found.id, found.name)
    report(f"container {found.name} removed")
    await ContainerStep(site, one).apply((), report)


async def _containers(engine: Engine, site: HostSite) -> dict[str, Found]:
    """The host's containers by application."""
    return {each.labels.get(labels.APPLICATION, ""): each for each in await engine.containers(site.host.name)}
