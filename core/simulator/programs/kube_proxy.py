"""kube-proxy: while it runs, and afterwards, the machine reaches Services by their addresses."""

from __future__ import annotations

import asyncio

from core.simulator.network.routes import ServiceRoute
from core.simulator.programs.base import Context, program

_READY = 0.02


@program("kube-proxy")
class KubeProxy:
    """Ready when the rules are in place; they stay when it ends, as they do in a kernel."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def start(self) -> None:
        """Put the rules in place."""
        context = self._context
        context.needed(context.option("config", "/var/lib/kube-proxy/config.conf"))
        await asyncio.sleep(_READY * context.world.pace)
        route = ServiceRoute(context.machine)
        context.machine.ports.remove_route(route)
        context.machine.ports.add_route(route)
        context.log("Starting service config controller")

    async def stop(self) -> None:
        """The rules stay."""
