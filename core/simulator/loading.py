"""Load on a simulated cluster: nodes without machines, thousands of pods on them, and changes all the time."""

from __future__ import annotations

import asyncio
from typing import Any

from core.simulator.etcd.ensemble import Ensemble
from core.simulator.kubernetes.kubelet.fleet import Fleet
from core.simulator.kubernetes.kubelet.kubelet import Kubelet
from core.simulator.kubernetes.load import churn, node_facts, populate, unload
from core.simulator.programs.kube_apiserver import kubelets_key
from core.simulator.world import World


class NoCluster(Exception):
    """There is no such cluster, or no node of it runs yet."""


class Loads:
    """The loads of a world's clusters, one for each; they end with the world's process, and leave their objects."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kubelets: dict[Ensemble, list[Kubelet]] = {}
        self._churns: dict[Ensemble, asyncio.Task[None]] = {}

    async def start(self, environment: str, cluster: str, nodes: int, pods: int, rate: float) -> int:
        """Put load on a cluster, in place of what there was; gives the number of its pods.

        Raises:
            NoCluster: there is none of that name that runs.
        """
        await self.stop(environment, cluster)
        ensemble = self._ensemble(environment, cluster)
        fleet = self._fleet(ensemble)
        populate(ensemble.objects, nodes, pods, fleet.network)
        self._kubelets[ensemble] = [Kubelet(fleet, node_facts(number)) for number in range(nodes)]
        for kubelet in self._kubelets[ensemble]:
            await kubelet.start()
        if rate:
            self._churns[ensemble] = self._world.spawn(churn(ensemble.objects, rate), f"load on {cluster}")
        return pods

    async def stop(self, environment: str, cluster: str) -> int:
        """Take the load and all its objects away; gives the number of nodes that it had."""
        ensemble = self._ensemble(environment, cluster)
        if (churning := self._churns.pop(ensemble, None)) is not None:
            churning.cancel()
        for kubelet in self._kubelets.pop(ensemble, ()):
            await kubelet.stop()
        return unload(ensemble.objects)

    def _ensemble(self, environment: str, cluster: str) -> Ensemble:
        token = f"{environment}-{cluster}"
        for ensemble in self._world.ensembles.values():
            if ensemble.token == token and self._world.shared.get(kubelets_key(ensemble)) is not None:
                return ensemble
        raise NoCluster(f"no cluster {cluster} of environment {environment} runs in the simulator")

    def _fleet(self, ensemble: Ensemble) -> Fleet:
        hooks: Any = self._world.shared[kubelets_key(ensemble)]
        fleet: Fleet = hooks.fleet
        return fleet
