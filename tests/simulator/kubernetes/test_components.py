"""kube-controller-manager, kube-scheduler and kubelet as units of a machine, from the product's own templates."""

from __future__ import annotations

import asyncio
import json

import pytest

from core.cluster.pki import Pki
from core.containers.actions import list_command, stop_command
from core.kube.access import Cluster
from core.kube.exec import execute
from core.kube.logs import last_lines
from core.kube.rows import PodRow
from core.kube.waiting import until
from core.kube.words import pod_ready
from core.machines.connections import Connections
from core.simulator.etcd.clusters import cluster_at
from core.simulator.kubernetes.shape import Object
from core.simulator.machine.machine import Machine
from core.simulator.world import World
from tests.simulator.etcd.machines import prepare_calico, template
from tests.simulator.kubernetes.control_plane import UNIT, client

_NODE = "/api/v1/nodes/cp"
_PODS = "/api/v1/namespaces/default/pods"
_UNITS = ("kube-controller-manager", "kube-scheduler", "kubelet", "containerd", "calico-node")


def kubeconfig(machine: Machine) -> str:
    """Only the server's address is looked at."""
    return json.dumps({"clusters": [{"name": "c", "cluster": {"server": f"https://{machine.address}:6443"}}]})


@pytest.fixture
async def node(control_plane: Machine) -> Machine:
    """A control plane that is a node, too; everything but its network runs."""
    disk = control_plane.files
    for name in ("controller-manager", "scheduler", "kubelet"):
        disk.write(f"/etc/kubernetes/{name}.kubeconfig", kubeconfig(control_plane), 0o600)
    disk.write("/etc/kubernetes/kubelet.yaml", "registerWithTaints: [{key: mine, effect: NoSchedule}]\n")
    disk.write("/etc/containerd/config.toml", "version = 3\n")
    disk.write("/etc/cni/net.d/10-gondolier.conflist", "{}")
    for name in ("containerd-shim-runc-v2", "containerd", "kube-controller-manager", "kube-scheduler"):
        disk.write(f"/usr/local/bin/{name}", f"simulated {name}", 0o755)
    disk.write("/usr/local/bin/kubelet", "kubelet 1.35.7 amd64: stands in\n", 0o755)
    for name in ("kube-controller-manager", "kube-scheduler", "kubelet", "containerd"):
        unit = template(f"{name}.service").replace("{{ node.name }}", "cp")
        unit = unit.replace("{{ node.address }}", control_plane.address).replace("{{ cluster.name }}", "alpha")
        disk.write(f"/etc/systemd/system/{name}.service", unit)
    prepare_calico(control_plane, f"https://{control_plane.address}:2379")
    return control_plane


def ready(row: PodRow) -> bool:
    return pod_ready(row)


async def until_ready(cluster: Cluster, count: int) -> list[PodRow]:
    found = await until(cluster, _PODS, PodRow, lambda rows: len(rows) == count and all(map(pod_ready, rows.values())))
    return list(found.values())


def web(**spec: object) -> Object:
    container = {"name": "main", "image": "nginx:1.29", "ports": [{"containerPort": 80}]}
    pod = {"containers": [container], "tolerations": [{"operator": "Exists"}], **spec}
    body = {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": pod},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": body}


async def test_the_units_make_a_cluster(node: Machine, pki: Pki, connections: Connections, world: World) -> None:
    assert await node.units.start(UNIT, "containerd", "kube-controller-manager", "kube-scheduler", "kubelet") == []
    async with client(node, pki) as cluster:
        while not (live := await cluster.get(_NODE)) or "conditions" not in live["status"]:
            await asyncio.sleep(0.02)
        said = next(one for one in live["status"]["conditions"] if one["type"] == "Ready")
        assert (said["status"], "cni plugin not initialized" in said["message"]) == ("False", True)
        assert live["status"]["nodeInfo"]["kubeletVersion"] == "v1.35.7"
        assert "mine" in {taint["key"] for taint in live["spec"]["taints"]}
        assert await node.units.start("calico-node") == []
        await cluster.apply(web())
        pods = await until_ready(cluster, 2)
        assert {pod.status.pod_ip for pod in pods} == {"10.244.0.1", "10.244.0.2"}
        assert (await execute(cluster, "default", pods[0].metadata.name, ["hostname"])).stdout.decode().strip() == (
            pods[0].metadata.name
        )
        assert len(await last_lines(cluster, pods[0], 2)) == 2
        await restarted(cluster, connections, pods[0])
        world.faults.inject("pod-crash-loop", "env", pod="web", parameters={"status": 137.0})
        await until(cluster, _PODS, PodRow, lambda rows: any(map(looping, rows.values())))
        world.faults.clear()
        await until_ready(cluster, 2)
    assert await node.units.stop(*_UNITS) == []
    ensemble = cluster_at(world, node)
    assert ensemble is not None and len(ensemble.objects.list("pods")) == 2


def looping(pod: PodRow) -> bool:
    states = [status.state.waiting for status in pod.status.container_statuses]
    return any(state is not None and state.reason == "CrashLoopBackOff" for state in states)


async def restarted(cluster: Cluster, connections: Connections, pod: PodRow) -> None:
    """The product stops a container over SSH, and the kubelet starts it again."""
    link = await connections.get("cp")
    listed = json.loads((await link.run(list_command(pod.metadata.uid))).stdout)
    ids = [one["id"] for one in listed["containers"]]
    assert len(ids) == 1
    await link.run(stop_command(ids))
    name = pod.metadata.name

    def back(rows: dict[str, PodRow]) -> bool:
        found = next(row for row in rows.values() if row.metadata.name == name)
        return found.status.container_statuses[0].restart_count == 1 and pod_ready(found)

    await until(cluster, _PODS, PodRow, lambda rows: back(dict(rows)))
