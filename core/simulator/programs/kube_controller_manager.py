"""kube-controller-manager: the controllers of its cluster."""

from __future__ import annotations

from core.simulator.etcd.ensemble import Ensemble
from core.simulator.kubernetes.controllers.manager import Controllers
from core.simulator.kubernetes.controllers.tending import Settings
from core.simulator.programs.base import program
from core.simulator.programs.component import Component

_GRACE = 40.0
_SHORTENED = 0.15
"""What a real second of the grace for silent nodes becomes."""

_SECONDS = {"s": 1.0, "m": 60.0}


@program("kube-controller-manager")
class KubeControllerManager(Component):
    """Runs the controllers for as long as the API answers."""

    files = ("kubeconfig", "client-ca-file", "root-ca-file", "service-account-private-key-file")
    _controllers: Controllers

    async def join(self, ensemble: Ensemble) -> None:
        context = self.context
        self._controllers = Controllers(
            ensemble.objects,
            self._settings(),
            usable=lambda: self.reach.ensemble() is ensemble,
            failed=context.log,
        )
        await self._controllers.start()
        context.log("Serving securely on 127.0.0.1:10257")

    async def leave(self) -> None:
        await self._controllers.stop()

    def _settings(self) -> Settings:
        context = self.context
        grace = context.option("node-monitor-grace-period")
        seconds = float(grace[:-1]) * _SECONDS[grace[-1]] if grace[-1:] in _SECONDS else _GRACE
        return Settings(
            grace=seconds * _SHORTENED * context.world.pace,
            authority=context.machine.files.text(context.option("root-ca-file")),
        )
