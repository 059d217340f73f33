"""The steps after etcd: runtime, network, control plane, nodes, gateways, and what runs in the cluster itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from core.cluster.blueprint import Blueprint
from core.cluster.context import ClusterContext, wanted
from core.cluster.control_plane import control_plane_state
from core.cluster.etcd import etcdctl
from core.cluster.gateway import gateway_rbac, gateway_state
from core.cluster.kubelet import kubelet_state
from core.cluster.layout import Node
from core.cluster.network import FLANNEL_KEY, flannel_configuration, network_state, network_trouble
from core.cluster.objects import Manifest, access_objects, calico_objects, dns_objects, missing_from
from core.cluster.registry import registry_objects
from core.cluster.runtime import runtime_state
from core.cluster.system import system_state
from core.engine.errors import Transient, Trouble
from core.engine.pauses import Pauses
from core.engine.step import Change, Report, Step
from core.kube.access import Cluster
from core.machines.connection import Connection
from core.machines.state import Desired
from core.machines.steps import Unknown, Verify
from core.model.secret import Credentials

ROLE_LABEL = "node-role.kubernetes.io/"

LEAVING = "gondolier.io/leaving"
"""Annotates a node that we cordoned because it was to leave: if it stays after all, we uncordon it."""

Look = Callable[[], Awaitable[Sequence[Change]]]


def _gateway_state(blueprint: Blueprint, node: Node) -> Desired:
    pair = blueprint.pair(f"gateway-{node.name}")
    return gateway_state(
        node=node.name,
        server=blueprint.server,
        authority=blueprint.authority("ca"),
        certificate=pair.certificate,
        key=pair.key,
    )


_STATES: dict[str, tuple[str, Callable[[Blueprint, Node], Desired]]] = {
    "system": ("prepare {}", system_state),
    "runtime": ("containerd on {}", runtime_state),
    "network": ("pod network on {}", network_state),
    "control-plane": ("control plane on {}", control_plane_state),
    "kubelet": ("kubelet and kube-proxy on {}", kubelet_state),
    "gateway": ("HAProxy and its agent on {}", _gateway_state),
}
"""What brings a machine into a wanted state: phase → title, state."""


def node_step(context: ClusterContext, phase: str, node: Node, requires: Sequence[str]) -> Step:
    """The step of a phase that is nothing but a wanted state of the machine."""
    title, state = _STATES[phase]
    blueprint = context.blueprint
    return context.state_step(
        phase,
        title.format(node.name),
        node,
        lambda: state(blueprint, node),
        requires=frozenset(requires),
        deadline=600,
        verify=_VERIFIED.get(phase),
    )


async def _network_up(connection: Connection, report: Report) -> None:
    """Wait until the network's daemon itself says that it works; that its process lives says little."""
    pauses = Pauses()
    while await network_trouble(connection):
        await pauses.wait()


_VERIFIED: dict[str, Verify] = {"network": _network_up}


class Reasons:
    """Says what is waited for, each reason once."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._told: set[str] = set()

    def tell(self, pending: Sequence[Change]) -> None:
        lines = [f"waiting for {change.subject}{f': {change.after}' if change.after else ''}" for change in pending]
        for line in lines:
            if line not in self._told:
                self._report(line)
        self._told.update(lines)


async def _settled(look: Look, report: Report) -> None:
    """Wait until nothing is pending any more, saying what is."""
    reasons, pauses = Reasons(report), Pauses()
    while pending := await look():
        reasons.tell(pending)
        await pauses.wait()


def flannel_step(context: ClusterContext, requires: Sequence[str]) -> Step:
    """Flannel's configuration in etcd, which every flanneld waits for."""
    wish = flannel_configuration(context.blueprint)

    async def probe() -> Sequence[Change]:
        if not context.exists(context.blueprint.layout.control_plane):
            return wanted("create", f"etcd key {FLANNEL_KEY}", wish)
        try:
            found = (await etcdctl(await context.voter(), f"get --print-value-only {FLANNEL_KEY}")).strip()
        except Transient as trouble:
            return wanted("create", f"etcd key {FLANNEL_KEY}", trouble.what)
        return [] if found == wish else [Change("update", f"etcd key {FLANNEL_KEY}", found, wish)]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        voter = await context.voter()
        await etcdctl(voter, f"put {FLANNEL_KEY} '{wish}'")
        report("flannel: configuration written to etcd")

    return context.step("flannel", "Flannel's configuration", probe, apply, requires=frozenset(requires))


def api_step(context: ClusterContext, requires: Sequence[str]) -> Step:
    """The API server answers that it is ready."""

    async def probe() -> Sequence[Change]:
        trouble = await _api_trouble(context)
        return wanted("wait", "Kubernetes API", trouble) if trouble else []

    async def apply(changes: Sequence[Change], report: Report) -> None:
        await _settled(probe, report)
        report(f"the Kubernetes API answers at {context.blueprint.server}")

    return context.step("api", "the Kubernetes API answers", probe, apply, requires=frozenset(requires), deadline=180)


async def _api_trouble(context: ClusterContext) -> str:
    """Why the API cannot be used yet, empty where it can."""
    if not context.exists(context.blueprint.layout.control_plane):
        return "the control plane does not exist yet"
    try:
        await (await context.api()).fetch("/readyz")
    except (Trouble, OSError, Unknown) as trouble:
        return str(trouble)
    return ""


def objects_step(
    context: ClusterContext,
    phase: str,
    title: str,
    manifests: Callable[[], list[Manifest]],
    requires: Sequence[str],
) -> Step:
    """Objects of the cluster's own, applied server-side under our name as field manager."""

    async def probe() -> Sequence[Change]:
        try:
            wish = manifests()
            if await _api_trouble(context):
                return [Change("create", _title(manifest)) for manifest in wish]
            return await _object_changes(context, wish)
        except Unknown as unknown:
            return wanted("create", title, f"when {unknown} is known")

    async def apply(changes: Sequence[Change], report: Report) -> None:
        cluster = await context.api()
        for manifest in manifests():
            await cluster.apply(manifest)
        report(f"{title}: {len(changes)} objects written")

    return context.step(phase, title, probe, apply, requires=frozenset(requires), deadline=120)


async def _object_changes(context: ClusterContext, wish: list[Manifest]) -> list[Change]:
    cluster = await context.api()
    found = await asyncio.gather(*(_live(cluster, manifest) for manifest in wish))
    changes = []
    for manifest, live in zip(wish, found, strict=True):
        if live is None:
            changes.append(Change("create", _title(manifest)))
        elif differing := missing_from(manifest, live):
            changes.append(Change("update", _title(manifest), after=", ".join(differing)))
    return changes


async def _live(cluster: Cluster, manifest: Manifest) -> Manifest | None:
    return await cluster.get(await cluster.path_of(manifest))


def _title(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def access_step(context: ClusterContext, requires: Sequence[str]) -> Step:
    def manifests() -> list[Manifest]:
        return [*access_objects(context.blueprint), *gateway_rbac()]

    return objects_step(context, "access", "access rules", manifests, requires)


def dns_step(context: ClusterContext, requires: Sequence[str]) -> Step:
    node = context.blueprint.layout.control_plane

    def manifests() -> list[Manifest]:
        return dns_objects(context.blueprint, context.blueprint.quirks_of(node).nameservers)

    return objects_step(context, "dns", "cluster DNS", manifests, requires)


def registry_step(context: ClusterContext, credentials: Credentials, requires: Sequence[str]) -> Step:
    """Pods may pull from the private registry."""
    return objects_step(context, "registry", "registry credentials", lambda: registry_objects(credentials), requires)


def calico_step(context: ClusterContext, requires: Sequence[str]) -> Step:
    return objects_step(context, "calico", "Calico's controllers", lambda: calico_objects(context.blueprint), requires)


def ready_step(context: ClusterContext, node: Node, requires: Sequence[str]) -> Step:
    """Kubernetes says that the node is ready, and it carries its role's label."""

    async def probe() -> Sequence[Change]:
        if await _api_trouble(context):
            return wanted("wait", f"node {node.name}")
        return await _node_changes(context, node)

    async def apply(changes: Sequence[Change], report: Report) -> None:
        reasons, pauses = Reasons(report), Pauses()
        while pending := await _node_changes(context, node):
            if pending[0].action == "update":
                marks = {"labels": {f"{ROLE_LABEL}{node.role}": ""}, "annotations": {LEAVING: None}}
                body = {"metadata": marks} | ({"spec": {"unschedulable": None}} if len(pending) > 1 else {})
                await (await context.api()).patch(f"/api/v1/nodes/{node.name}", body)
            else:
                reasons.tell(pending)
                await pauses.wait()
        report(f"node {node.name} is Ready")

    return context.step("ready", f"node {node.name} is Ready", probe, apply, node=node, requires=frozenset(requires))


async def _node_changes(context: ClusterContext, node: Node) -> list[Change]:
    cluster = await context.api()
    live = await cluster.get(f"/api/v1/nodes/{node.name}")
    if live is None:
        return wanted("wait", f"node {node.name}", "has not registered")
    if updates := _node_updates(node, live["metadata"]):
        return updates
    ready = next((c for c in live["status"].get("conditions", []) if c["type"] == "Ready"), None)
    if ready is None or ready["status"] != "True":
        return wanted("wait", f"node {node.name}", (ready or {}).get("message", "no Ready condition"))
    return []


def _node_updates(node: Node, metadata: dict[str, Any]) -> list[Change]:
    """What is to be written to the node's object: its role's label, and that it stays after all."""
    subject, label = f"node {node.name}", f"{ROLE_LABEL}{node.role}"
    stays = LEAVING in metadata.get("annotations", {})
    if not stays and label in metadata.get("labels", {}):
        return []
    labelled = Change("update", subject, after=f"label {label}")
    return [labelled, Change("update", subject, after="schedulable again")] if stays else [labelled]


def conditions_step(context: ClusterContext, look: Look, requires: Sequence[str]) -> Step:
    """The cluster's conditions hold: the end of a deployment, as probed."""

    async def apply(changes: Sequence[Change], report: Report) -> None:
        await _settled(look, report)
        report(f"cluster {context.name} is up and running")

    return context.step("conditions", "every condition holds", look, apply, requires=frozenset(requires), deadline=300)
