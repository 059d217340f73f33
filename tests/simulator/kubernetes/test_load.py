"""A cluster under load."""

from __future__ import annotations

import asyncio

from core.simulator.kubernetes.controllers.manager import Controllers
from core.simulator.kubernetes.kubelet.fleet import Fleet
from core.simulator.kubernetes.kubelet.kubelet import Kubelet
from core.simulator.kubernetes.load import churn, node_facts, populate
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.shape import key_of


async def test_what_is_made_is_settled_and_kubelets_go_on_with_it() -> None:
    objects = Objects()
    network = populate(objects, nodes=4, pods=33)
    before = objects.list("pods")
    assert len(before) == 33
    assert len({pod["status"]["podIP"] for pod in before}) == 33
    fleet, controllers = Fleet(objects, network), Controllers(objects)
    kubelets = [Kubelet(fleet, node_facts(number)) for number in range(4)]
    for kubelet in kubelets:
        await kubelet.start()
    await controllers.start()
    while not all(fleet.place(key_of(pod)) for pod in before):
        await asyncio.sleep(0.01)
    assert objects.list("pods") == before
    for kubelet in kubelets:
        await kubelet.stop()
    await controllers.stop()
    assert len(objects.list("replicasets.apps")) == 4


async def test_churn_changes_pods_at_its_rate() -> None:
    objects = Objects()
    populate(objects, nodes=2, pods=20)
    subscription = objects.subscribe("pods")
    task = asyncio.create_task(churn(objects, rate=1000))
    seen = 0
    async with asyncio.timeout(10):
        while seen < 200:
            seen += len(await subscription.batch())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert any(pod["status"]["containerStatuses"][0]["restartCount"] for pod in objects.list("pods"))
