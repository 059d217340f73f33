"""What a Docker host's containers are asked: a run that restarts them or makes them anew, their log, what they use."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

from core.containers.standalone.actions import recreate_containers, restart_containers, usages
from core.containers.standalone.logs import host_log
from core.containers.standalone.site import HostSite
from core.deployment.context import EnvironmentContext
from core.deployment.hosts import host_site
from core.engine.errors import Refusal, Trouble
from core.engine.step import Report
from core.model.container import Application
from core.status import UsageStatus

Work = Callable[[HostSite, Sequence[Application], Report], Awaitable[None]]

HOST_ACTIONS: dict[str, Work] = {
    "restart-containers": restart_containers,
    "recreate-containers": recreate_containers,
}


async def act_on_host(context: EnvironmentContext, host: str, application: str, action: str, report: Report) -> None:
    """Do an action to one application of a host, or to all."""
    site = await _site(context, host)
    await HOST_ACTIONS[action](site, _chosen(site, application), report)


async def log_of_host(
    context: EnvironmentContext, host: str, application: str, following: bool
) -> AsyncGenerator[str, None]:
    """The log of one application of a host, or of all."""
    site = await _site(context, host)
    names = [one.name for one in _chosen(site, application)]
    async with aclosing(host_log(site, names, following)) as lines:
        async for line in lines:
            yield line


async def usage_of_host(context: EnvironmentContext, host: str, application: str) -> list[UsageStatus]:
    """What the containers of one application of a host, or of all, use."""
    site = await _site(context, host)
    return await usages(site, _chosen(site, application))


async def _site(context: EnvironmentContext, host: str) -> HostSite:
    await context.observe()
    site = host_site(context, context.hosts[host])
    if not site.exists():
        there = context.hosts[host].node.name in context.machines
        if there:
            raise Trouble(f"machine {site.host.machine} does not answer", where=host, fix="see `status`")
        raise Refusal("the host's machine does not exist", where=host, fix="deploy the environment first")
    return site


def _chosen(site: HostSite, application: str) -> list[Application]:
    """The application of this name, or all of the host.

    Raises:
        Refusal: there is none of this name.
    """
    found = [one for one in site.host.applications if application in ("", one.name)]
    if application and not found:
        known = ", ".join(one.name for one in site.host.applications) or "it has none"
        raise Refusal(f"there is no application {application}", where=site.host.name, fix=f"its applications: {known}")
    return found
