"""Waking up whoever shows an environment when something in it changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from core.cluster.context import ClusterContext
from core.deployment.context import EnvironmentContext
from core.engine.errors import Trouble
from core.kube import paths
from core.kube.rows import AnyRow
from core.kube.watch import Lost, watch
from core.machines.steps import Unknown
from core.status import EnvironmentStatus

QUIET = 0.3
"""Seconds that changes are collected before one look is taken at all of them."""

LONGEST = 30.0
"""Seconds after which a look is taken though nothing was heard: machines and etcd tell nothing by themselves."""

_WATCHED = ("/api/v1/nodes", paths.pods("default"))


class Changes:
    """Watches an environment's clusters and tells when to look again; closed by leaving the context."""

    def __init__(self, context: EnvironmentContext) -> None:
        self._context = context
        self._heard = asyncio.Event()
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def tell(self) -> None:
        """Something changed that no watch sees."""
        self._heard.set()

    async def statuses(
        self, look: Callable[[], Awaitable[EnvironmentStatus]]
    ) -> AsyncGenerator[EnvironmentStatus, None]:
        """A look at first, then one after each change, for as long as someone listens."""
        try:
            while True:
                self._heard.clear()
                yield await look()
                self._watch(list(self._context.clusters.values()))
                await self._news()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _news(self) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                await self._heard.wait()
        except TimeoutError:
            return
        await asyncio.sleep(QUIET)

    def _watch(self, clusters: Sequence[ClusterContext]) -> None:
        for cluster in clusters:
            for path in _WATCHED:
                task = self._tasks.get((cluster.name, path))
                if task is None or task.done():
                    self._tasks[cluster.name, path] = asyncio.create_task(self._listen(cluster, path))

    async def _listen(self, cluster: ClusterContext, path: str) -> None:
        try:
            api = await cluster.api()
        except (Trouble, Unknown):
            # No credentials yet: the cluster is still to be made, and the next look tries again.
            return
        async for delta in watch(api, path, AnyRow):
            if not isinstance(delta, Lost):
                self._heard.set()
