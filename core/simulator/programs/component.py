"""Programs that work on the cluster's objects through its API: they wait for it, and go on when it is another one."""

from __future__ import annotations

import asyncio

from core.simulator.etcd.ensemble import Ensemble
from core.simulator.kubernetes.reach import Reach
from core.simulator.programs.base import Context

_SOON = 0.05
_SELDOM = 1.0
"""Seconds after which it is looked again for the API, and, once found, for another one in its place."""


class Component:
    """Active at once, as the real ones are; `join` is called when the API answers, `leave` before it ends."""

    files: tuple[str, ...] = ("kubeconfig",)
    """Options that name files without which it does not start."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.reach: Reach
        self._joined: Ensemble | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read the kubeconfig and begin to wait for the API."""
        context = self.context
        context.needed(*(path for name in self.files if (path := context.option(name))))
        self.reach = Reach(context.world, context.machine, context.option("kubeconfig"))
        self._keeper = context.machine.spawn(self._keep(), context.unit)

    async def stop(self) -> None:
        """Leave the cluster as it is."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._part()

    async def join(self, ensemble: Ensemble) -> None:
        """Work on these objects from now on."""
        raise NotImplementedError

    async def leave(self) -> None:
        """Work no longer."""
        raise NotImplementedError

    async def _keep(self) -> None:
        while True:
            ensemble = self.reach.ensemble()
            if ensemble is not None and ensemble is not self._joined:
                await self._part()
                self._joined = ensemble
                await self.join(ensemble)
            await asyncio.sleep(_SELDOM if self._joined else _SOON)

    async def _part(self) -> None:
        joined, self._joined = self._joined, None
        if joined is not None:
            await self.leave()
