"""A machine's last steps: drained, out of etcd, no node any more, its network data gone, released."""

from __future__ import annotations

from collections.abc import Sequence

from core.cluster.certificates import forget_leaves
from core.cluster.context import ClusterContext, wanted
from core.cluster.etcd import etcdctl
from core.cluster.layout import Node
from core.cluster.network import calicoctl
from core.cluster.operation import LEAVING
from core.cluster.retire import retire
from core.engine.step import Change, Report, Step
from core.kube import paths
from core.kube.drain import drain, sort_pods
from core.kube.rows import PodRow

CALICO_NODES = "/calico/resources/v3/projectcalico.org/nodes/"
"""Where Calico's etcd store keeps its nodes (libcalico-go, etcdv3 backend)."""


DRAIN_SECONDS = 300.0
"""How long pods that a budget protects may hold up a drain."""


def drain_step(context: ClusterContext, node: Node, requires: Sequence[str]) -> Step:
    """Nothing runs on the node any more that could run elsewhere; from a machine that is gone nothing can be moved."""

    async def probe() -> Sequence[Change]:
        if not context.exists(node):
            return []
        live = await (await context.api()).get(f"/api/v1/nodes/{node.name}")
        if live is None:
            return []
        left = await _evictable(context, node)
        if live["spec"].get("unschedulable") and not left:
            return []
        return wanted("update", f"node {node.name}", f"cordon and move {len(left)} pods: {', '.join(left)}")

    async def apply(changes: Sequence[Change], report: Report) -> None:
        api = await context.api()
        await api.patch(paths.node(node.name), {"metadata": {"annotations": {LEAVING: "true"}}})
        await drain(api, node.name, report, deadline=DRAIN_SECONDS)

    # Longer than the drain itself, whose own words say which pods are held and by what.
    return context.step(
        "drain",
        f"drain {node.name}",
        probe,
        apply,
        node=node,
        requires=frozenset(requires),
        deadline=DRAIN_SECONDS + 60,
    )


def node_step(context: ClusterContext, node: Node, requires: Sequence[str]) -> Step:
    """Kubernetes has no such node."""

    async def probe() -> Sequence[Change]:
        live = await (await context.api()).get(f"/api/v1/nodes/{node.name}")
        return wanted("delete", f"node {node.name}") if live else []

    async def apply(changes: Sequence[Change], report: Report) -> None:
        if context.exists(node):
            # A kubelet that still runs would register the node again.
            connection = await context.connect(node)
            await connection.run("systemctl stop kubelet.service")
        else:
            report(f"machine {node.name} does not run: its pods were not moved in an orderly way", "warning")
        await (await context.api()).delete(f"/api/v1/nodes/{node.name}")
        report(f"node {node.name} is deleted")

    return context.step(
        "delete-node", f"delete node {node.name}", probe, apply, node=node, requires=frozenset(requires)
    )


def network_step(context: ClusterContext, node: Node, requires: Sequence[str]) -> Step:
    """The network's store knows nothing of the machine: no block of addresses leaks."""
    calico = context.blueprint.cluster.network == "calico"

    async def probe() -> Sequence[Change]:
        keys = await (_calico_keys if calico else _flannel_keys)(context, node)
        return [Change("delete", f"etcd key {key}") for key in keys]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        voter = await context.voter()
        if calico:
            # calicoctl also gives back the node's blocks of addresses and its tunnel's address.
            await voter.run(f"{calicoctl(context.blueprint)} delete node {node.name} --skip-not-exists")
        else:
            for change in changes:
                await etcdctl(voter, f"del '{change.subject.removeprefix('etcd key ')}'")
        report(f"the network has forgotten {node.name}")

    return context.step(
        "forget-network", f"the network forgets {node.name}", probe, apply, node=node, requires=frozenset(requires)
    )


def machine_step(context: ClusterContext, node: Node, requires: Sequence[str]) -> Step:
    """The machine is released, and so is what we kept for it."""

    async def probe() -> Sequence[Change]:
        known = context.store.machines.get(context.environment, node.name)
        if known is None and node.name not in context.machines:
            return []
        return wanted("delete", f"machine {node.name}", node.address or "")

    async def apply(changes: Sequence[Change], report: Report) -> None:
        if context.cloud.keeps_machines and context.exists(node):
            await retire(context.connections, node.name, report)
        await context.connections.drop(node.name)
        await context.cloud.delete(node.name, report)
        forget_leaves(context.blueprint.pki, node.name)
        context.forget(node)
        report(f"machine {node.name} is released")

    return context.step(
        "delete", f"delete {node.name}", probe, apply, node=node, requires=frozenset(requires), deadline=300
    )


async def _evictable(context: ClusterContext, node: Node) -> list[str]:
    cluster = await context.api()
    pods = await cluster.list(paths.collection("v1", "pods"), PodRow, fields=f"spec.nodeName={node.name}")
    leavers = sort_pods(pods)
    return [f"{pod.metadata.namespace}/{pod.metadata.name}" for pod in (*leavers.moved, *leavers.orphans)]


async def _flannel_keys(context: ClusterContext, node: Node) -> list[str]:
    address = context.blueprint.addresses.get(node.name) or node.address
    if address is None:
        return []
    voter = await context.voter()
    listed = await etcdctl(voter, "get --prefix /coreos.com/network/subnets/ -w fields")
    return _keys_whose_value_has(listed, f'"PublicIP\\":\\"{address}\\"')


async def _calico_keys(context: ClusterContext, node: Node) -> list[str]:
    voter = await context.voter()
    listed = await etcdctl(voter, f"get --keys-only {CALICO_NODES}{node.name}")
    return [line for line in listed.splitlines() if line.strip()]


def _keys_whose_value_has(fields: str, text: str) -> list[str]:
    keys, key = [], ""
    for line in fields.splitlines():
        name, _, value = line.partition(" : ")
        if name.strip('"') == "Key":
            key = value.strip('"')
        elif name.strip('"') == "Value" and text in value:
            keys.append(key)
    return keys
