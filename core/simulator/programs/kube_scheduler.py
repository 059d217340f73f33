"""kube-scheduler: the scheduler of its cluster."""

from __future__ import annotations

import time

from core.simulator.etcd.ensemble import Ensemble
from core.simulator.kubernetes.scheduler.scheduler import Scheduler
from core.simulator.programs.base import program
from core.simulator.programs.component import Component


@program("kube-scheduler")
class KubeScheduler(Component):
    """Binds pods to nodes for as long as the API answers."""

    files = ("kubeconfig", "client-ca-file")
    _scheduler: Scheduler

    async def join(self, ensemble: Ensemble) -> None:
        self._scheduler = Scheduler(ensemble.objects, time.time, lambda: self.reach.ensemble() is ensemble)
        await self._scheduler.start()
        self.context.log("Serving securely on 127.0.0.1:10259")

    async def leave(self) -> None:
        await self._scheduler.stop()
