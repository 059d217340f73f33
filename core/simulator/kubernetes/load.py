"""A cluster under load: thousands of pods at once, and objects that change all the time."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Iterator

from core.simulator.kubernetes.controllers import deployment, replicas
from core.simulator.kubernetes.controllers.changes import Change, Create, SetStatus
from core.simulator.kubernetes.kubelet.addresses import PodNetwork
from core.simulator.kubernetes.kubelet.node import LEASE_NAMESPACE, LEASES, NodeFacts, new_node, node_status
from core.simulator.kubernetes.kubelet.runs import ContainerRun, PodRun
from core.simulator.kubernetes.kubelet.status import pod_status
from core.simulator.kubernetes.objects import ApiError, Objects
from core.simulator.kubernetes.pods import PodRow, pod_row
from core.simulator.kubernetes.shape import Key, Object, amended, headed, key_of, uid_of, with_condition

REPLICAS = 10
"""Pods of each of the Deployments that are made."""

POD_CIDR = "10.128.0.0/9"

_PREFIX = "load-"
_NAMESPACES = 10
_IMAGES = ("nginx:1.29", "redis:8", "shop/api:4", "shop/worker:4", "postgres:18")
_TURN = 0.05
_FLIPS = 50


def node_facts(number: int) -> NodeFacts:
    """The node of this number, roomy enough for all that is put on it."""
    address = f"10.{1 + number // 65536}.{number // 256 % 256}.{number % 256}"
    return NodeFacts(f"{_PREFIX}{number:03}", address, cores=16, memory=64 * 1024**3)


def populate(objects: Objects, nodes: int = 200, pods: int = 5000, network: PodNetwork | None = None) -> PodNetwork:
    """Make so many nodes, and Deployments whose pods run on them already; to be called on an empty cluster.

    Gives the network that the pods' addresses are from: kubelets that are started for `node_facts` go on with the pods.
    """
    now, network = time.time(), network or PodNetwork(POD_CIDR)
    facts = [node_facts(number) for number in range(nodes)]
    for one in facts:
        made = amended(new_node(one), {"spec": {"taints": None}})
        objects.create("nodes", made | {"status": node_status(one, {}, _IMAGES, "", now)})
    turns = itertools.cycle(facts)
    for number in range(_NAMESPACES):
        objects.create("namespaces", headed("namespaces", {"name": f"{_PREFIX}{number}"}))
    for number, start in enumerate(range(0, pods, REPLICAS)):
        _workload(objects, network, turns, _deployment(number, min(REPLICAS, pods - start)), now)
    return network


async def churn(objects: Objects, rate: float = 500.0, flips: int = _FLIPS) -> None:
    """Change pods until it is cancelled, `rate` of them a second: restarts are counted, every `flips`th one stops or
    begins to be ready, so that controllers have something to do.
    """
    keys = [key for key, _ in objects.items("pods") if key[0].startswith(_PREFIX)]
    dice, done, began = random.Random(1), 0, time.monotonic()
    while True:
        due = int((time.monotonic() - began) * rate)
        # What could not be done in time is left out: a slow box must not be flooded for it.
        for number in range(max(done, due - int(rate)), due):
            _change(objects, dice.choice(keys), flip=number % flips == 0)
        done = due
        await asyncio.sleep(_TURN)


def unload(objects: Objects) -> int:
    """Remove at once all that `populate` made, and what came of it; gives the number of its nodes."""
    for kind in objects.kinds:
        for key, _ in list(objects.items(kind.resource)):
            if key[0].startswith(_PREFIX):
                objects.remove(kind.resource, *key)
    nodes = [name for (_, name), _ in objects.items("nodes") if name.startswith(_PREFIX)]
    for name in nodes:
        objects.remove("nodes", "", name)
        objects.remove(LEASES, LEASE_NAMESPACE, name)
    for (_, name), _ in list(objects.items("namespaces")):
        if name.startswith(_PREFIX):
            objects.remove("namespaces", "", name)
    return len(nodes)


def _workload(objects: Objects, network: PodNetwork, nodes: Iterator[NodeFacts], wanted: Object, now: float) -> None:
    made = objects.create(deployment.RESOURCE, wanted)
    a_set = next(_created(objects, deployment.reconcile(made, [], now)))
    rows = []
    for pod in _created(objects, replicas.reconcile(deployment.SETS, a_set, [], now), next_node=nodes):
        rows.append(_run(objects, network, pod, now))
    _settle(objects, replicas.reconcile(deployment.SETS, a_set, rows, now))
    ready = objects.get(deployment.SETS, *key_of(a_set))
    live = objects.get(deployment.RESOURCE, *key_of(made))
    if ready is not None and live is not None:
        _settle(objects, deployment.reconcile(live, [ready], now))


def _created(
    objects: Objects, changes: Iterator[Change], next_node: Iterator[NodeFacts] | None = None
) -> Iterator[Object]:
    for change in changes:
        if isinstance(change, Create):
            bound = {"spec": {"nodeName": next(next_node).name}} if next_node is not None else {}
            yield objects.create(change.resource, amended(change.object, bound))


def _settle(objects: Objects, changes: Iterator[Change]) -> None:
    for change in changes:
        if isinstance(change, SetStatus):
            objects.update_status(change.resource, *change.key, change.status)


def _run(objects: Objects, network: PodNetwork, pod: Object, now: float) -> PodRow:
    """Let a pod run, as its kubelet will find it."""
    name = pod["spec"]["nodeName"]
    containers = [ContainerRun(one["name"], "main", "running", "", started=now, ready=True) for one in _containers(pod)]
    run = PodRun(key_of(pod), uid_of(pod), name, network.allocate(name), now, "running", containers=containers)
    status = pod_status(run, pod, node_facts(int(name.rpartition("-")[2])).address, now)
    objects.update_status("pods", *run.key, status)
    return pod_row(objects.raw("pods", *run.key) or b"")


def _containers(pod: Object) -> list[Object]:
    found: list[Object] = pod["spec"]["containers"]
    return found


def _deployment(number: int, replicas: int) -> Object:
    labels = {"app": f"{_PREFIX}{number:04}"}
    image = _IMAGES[number % len(_IMAGES)]
    spec = {"containers": [{"name": "main", "image": image, "ports": [{"containerPort": 80}]}]}
    body = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": spec},
    }
    metadata = {"name": labels["app"], "namespace": f"{_PREFIX}{number % _NAMESPACES}", "labels": labels}
    return headed(deployment.RESOURCE, metadata, spec=body)


def _change(objects: Objects, key: Key, *, flip: bool) -> None:
    pod = objects.get("pods", *key)
    if pod is None:
        return
    status: Object = pod["status"]
    first, *others = status["containerStatuses"]
    if flip:
        ready = not first["ready"]
        conditions = with_condition(status["conditions"], {"type": "Ready", "status": str(ready)}, time.time())
        status |= {"conditions": conditions, "containerStatuses": [first | {"ready": ready}, *others]}
    else:
        status |= {"containerStatuses": [first | {"restartCount": first["restartCount"] + 1}, *others]}
    try:
        objects.update_status("pods", *key, status)
    except ApiError as error:
        if error.status != 404:
            raise
