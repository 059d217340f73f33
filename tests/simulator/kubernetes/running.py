"""A cluster that runs in a test: controllers, scheduler and kubelets over one set of objects, and no server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.simulator.kubernetes.controllers.manager import Controllers
from core.simulator.kubernetes.controllers.tending import Settings
from core.simulator.kubernetes.kubelet.addresses import PodNetwork
from core.simulator.kubernetes.kubelet.fleet import Fleet
from core.simulator.kubernetes.kubelet.kubelet import Ailments, Kubelet
from core.simulator.kubernetes.kubelet.node import NodeFacts
from core.simulator.kubernetes.kubelet.pace import Pace
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.scheduler.scheduler import Scheduler
from core.simulator.kubernetes.shape import Object

QUICK = Pace(
    sandbox=0.005,
    pull=0.01,
    pull_per_gigabyte=0.0,
    start=0.005,
    moment=0.01,
    stop=0.01,
    waiting=0.005,
    lease=0.05,
    status=30.0,
    sync=0.01,
)
"""Everything at once, nearly."""


@dataclass
class Running:
    """The cluster's parts; `troubles` is what controllers could not do."""

    objects: Objects
    fleet: Fleet
    kubelets: dict[str, Kubelet] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    async def join(self, name: str, ailments: Ailments | None = None) -> Kubelet:
        """Another node."""
        number = len(self.kubelets) + 1
        kubelet = Kubelet(self.fleet, NodeFacts(name, f"10.0.0.{number}"), ailments or Ailments())
        self.kubelets[name] = kubelet
        await kubelet.start()
        return kubelet

    async def until(
        self, resource: str, done: Callable[[list[Object]], bool], namespace: str = "default"
    ) -> list[Object]:
        """The objects of a resource, as soon as they are as wanted."""
        subscription = self.objects.subscribe(resource)
        try:
            async with asyncio.timeout(10):
                while not done(found := self.objects.list(resource, namespace)):
                    await subscription.batch()
                return found
        except TimeoutError:
            raise AssertionError(f"never came true of {self.objects.list(resource, namespace)}") from None
        finally:
            subscription.close()

    async def ready(self, count: int) -> list[Object]:
        """The pods of the default namespace, as soon as there are exactly so many and all are ready."""
        return await self.until("pods", lambda pods: len(pods) == count and all(map(is_ready, pods)))

    def reasons(self, name: str) -> list[str]:
        """The reasons of all events about an object."""
        return [event["reason"] for event in self.objects.list("events") if event["involvedObject"]["name"] == name]

    def change(self, resource: str, name: str, change: Callable[[Object], None], namespace: str = "default") -> None:
        """Change an object as someone with kubectl would."""
        found = self.objects.get(resource, namespace, name)
        assert found is not None
        change(found)
        self.objects.update(resource, found)


def is_ready(pod: Object) -> bool:
    """Whether a pod says so."""
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", ()))


def _usable(node: Object) -> bool:
    return is_ready(node) and not node["spec"].get("taints")


@asynccontextmanager
async def cluster(nodes: Iterable[str] = ("kube-1", "kube-2", "kube-3"), pace: Pace = QUICK) -> AsyncIterator[Running]:
    """A cluster whose nodes are ready."""
    objects = Objects()
    running = Running(objects, Fleet(objects, PodNetwork("10.244.0.0/16"), pace=pace))
    settings = Settings(grace=0.3, waiting=0.001, authority="PEM")
    driver = Controllers(objects, settings, failed=running.troubles.append)
    scheduler = Scheduler(objects, time.time)
    await driver.start()
    await scheduler.start()
    try:
        for name in nodes:
            await running.join(name)
        count = len(running.kubelets)
        await running.until("nodes", lambda found: len(found) == count and all(map(_usable, found)), "")
        yield running
    finally:
        for kubelet in running.kubelets.values():
            await kubelet.stop()
        await scheduler.stop()
        await driver.stop()
    assert running.troubles == []
