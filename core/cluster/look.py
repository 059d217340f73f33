"""How a cluster is doing: every condition probed, none remembered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any

from core.cluster.context import ClusterContext
from core.cluster.dns import ask_dns
from core.cluster.etcd import members
from core.cluster.layout import Node
from core.cluster.membership import Member, tolerance, voters_wanted
from core.cluster.network import network_trouble
from core.engine.errors import Trouble
from core.engine.step import Change
from core.machines.steps import Unknown
from core.machines.unit_difference import RUNNING
from core.status import ConditionStatus, EtcdStatus, MemberStatus, NodeStatus, Truth

PATIENCE = 10.0
"""Seconds that one part of a look may take before it counts as not answering."""

GATEWAY_STATUS = "/var/lib/gondolier-gateway/status.json"

_MISTAKES = (Trouble, OSError, TimeoutError, Unknown, KeyError, ValueError)


@dataclass(frozen=True, slots=True)
class ClusterLook:
    """What one look at a cluster found."""

    conditions: tuple[ConditionStatus, ...]
    nodes: tuple[NodeStatus, ...]
    etcd: EtcdStatus

    def missing(self) -> list[Change]:
        """The conditions that do not hold, as things to wait for."""
        return [
            Change("wait", condition.type, after=condition.message)
            for condition in self.conditions
            if condition.status != "True"
        ]


async def look(context: ClusterContext) -> ClusterLook:
    """Look at everything at once; a part that does not answer is a condition, never an error."""
    nodes, etcd, network, dns, gateways = await asyncio.gather(
        _part("NodesReady", _nodes(context)),
        _part("EtcdHealthy", _etcd(context)),
        _part("NetworkReady", _network(context)),
        _part("DnsReady", _dns(context)),
        _part("GatewaysServing", _gateways(context)),
    )
    conditions = [nodes[0], etcd[0], network[0], *([dns[0]] if context.blueprint.cluster.dns else []), gateways[0]]
    found: Any = nodes[1]
    voters: Any = etcd[1]
    return ClusterLook(
        conditions=(summary(conditions), *conditions),
        nodes=found if found is not None else _unseen(context),
        etcd=EtcdStatus(voters or ()),
    )


def summary(conditions: Sequence[ConditionStatus]) -> ConditionStatus:
    """Ready holds when every other condition holds."""
    failing = [condition for condition in conditions if condition.status != "True"]
    if not failing:
        return ConditionStatus("Ready", "True", "AllConditionsHold", f"all {len(conditions)} conditions hold")
    status: Truth = "False" if any(condition.status == "False" for condition in failing) else "Unknown"
    names = ", ".join(condition.type for condition in failing)
    return ConditionStatus("Ready", status, "ConditionsMissing", f"{names}: {failing[0].message}")


Part = tuple[ConditionStatus, object]


async def _part(name: str, work: Awaitable[Part]) -> Part:
    try:
        async with asyncio.timeout(PATIENCE):
            return await work
    except TimeoutError:
        return ConditionStatus(name, "Unknown", "NoAnswer", f"no answer within {PATIENCE:.0f} s"), None
    except _MISTAKES as mistake:
        return ConditionStatus(name, "Unknown", "CannotLook", str(mistake)), None


async def _nodes(context: ClusterContext) -> Part:
    cluster = await context.api()
    listed = await cluster.get("/api/v1/nodes")
    live = {item["metadata"]["name"]: item for item in (listed or {}).get("items", [])}
    layout = context.blueprint.layout
    found = tuple(_node_status(context, node, live.get(node.name)) for node in (*layout.nodes, *layout.leaving))
    wanted = len(layout.nodes)
    waiting = [node for node in found[:wanted] if not node.ready]
    if waiting:
        message = "; ".join(f"{node.name}: {node.note}" for node in waiting)
        return ConditionStatus("NodesReady", "False", "NodesNotReady", message), found
    return ConditionStatus("NodesReady", "True", "AllReady", f"{wanted} of {wanted} nodes are ready"), found


def _node_status(context: ClusterContext, node: Node, live: dict[str, Any] | None) -> NodeStatus:
    address = context.blueprint.addresses.get(node.name, node.address or "")
    if live is None:
        return NodeStatus(node.name, node.role, False, address, "not registered")
    conditions: list[dict[str, Any]] = live["status"].get("conditions", [])
    ready = next((c for c in conditions if c["type"] == "Ready"), {})
    note = "" if ready.get("status") == "True" else str(ready.get("message", "not ready"))
    return NodeStatus(node.name, node.role, ready.get("status") == "True", address, note)


def _unseen(context: ClusterContext) -> tuple[NodeStatus, ...]:
    layout = context.blueprint.layout
    return tuple(_node_status(context, node, None) for node in (*layout.nodes, *layout.leaving))


async def _etcd(context: ClusterContext) -> Part:
    known = await members(await context.voter())
    cluster = context.blueprint.cluster
    names = [node.name for node in context.blueprint.layout.nodes]
    wanted = set(voters_wanted(names, cluster.etcd.voters))
    found = tuple(MemberStatus(member.name, member.learner, member.healthy) for member in known)
    return _etcd_condition(known, wanted), found


def _etcd_condition(known: Sequence[Member], wanted: set[str]) -> ConditionStatus:
    voters = [member for member in known if not member.learner]
    down = [member.name or member.id for member in known if not member.healthy]
    if down:
        return ConditionStatus("EtcdHealthy", "False", "MembersDown", f"not healthy: {', '.join(down)}")
    if {member.name for member in voters} != wanted:
        message = f"{', '.join(sorted(m.name for m in voters))} vote, {', '.join(sorted(wanted))} should"
        return ConditionStatus("EtcdHealthy", "False", "WrongVoters", message)
    leader = next((member.name for member in known if member.leader), "nobody")
    message = f"{len(voters)} voters, tolerates {tolerance(len(voters))} lost, leader {leader}"
    return ConditionStatus("EtcdHealthy", "True", "QuorumComplete", message)


async def _network(context: ClusterContext) -> Part:
    network = context.blueprint.cluster.network
    nodes = context.blueprint.layout.nodes
    told = await asyncio.gather(*(_network_of(context, node) for node in nodes))
    failing = [f"{node.name}: {trouble}" for node, trouble in zip(nodes, told, strict=True) if trouble]
    version = context.blueprint.versions[network]
    if failing:
        return ConditionStatus("NetworkReady", "False", "NotReady", "; ".join(failing)), None
    message = f"{network} {version} on {len(nodes)} of {len(nodes)} nodes"
    return ConditionStatus("NetworkReady", "True", "Active", message), None


async def _network_of(context: ClusterContext, node: Node) -> str:
    return await network_trouble(await context.connect(node))


async def _unit_state(context: ClusterContext, node: Node, unit: str) -> str:
    connection = await context.connect(node)
    return (await connection.run(f"systemctl is-active {unit}", check=False)).stdout.strip()


async def _dns(context: ClusterContext) -> Part:
    name = f"kubernetes.default.svc.{context.blueprint.cluster.dns_domain}"
    started = time.monotonic()
    answers = await ask_dns(await context.voter(), context.blueprint.dns_service_address, name)
    wanted = context.blueprint.api_service_address
    if wanted in answers:
        took = (time.monotonic() - started) * 1000
        return ConditionStatus("DnsReady", "True", "Answers", f"{name} answers in {took:.0f} ms"), None
    return ConditionStatus("DnsReady", "False", "WrongAnswer", f"{name}: {', '.join(answers) or 'no answer'}"), None


async def _gateways(context: ClusterContext) -> Part:
    gateways = context.blueprint.layout.of("gateway")
    told = await asyncio.gather(*(_gateway(context, node) for node in gateways))
    failing = [f"{node.name}: {text}" for node, (ok, text) in zip(gateways, told, strict=True) if not ok]
    if failing:
        return ConditionStatus("GatewaysServing", "False", "NotServing", "; ".join(failing)), None
    message = "; ".join(f"{node.name}: {text}" for node, (_, text) in zip(gateways, told, strict=True))
    return ConditionStatus("GatewaysServing", "True", "Serving", message), None


async def _gateway(context: ClusterContext, node: Node) -> tuple[bool, str]:
    connection = await context.connect(node)
    state = await _unit_state(context, node, "haproxy.service")
    if state not in RUNNING:
        return False, f"haproxy is {state}"
    raw = await connection.read(GATEWAY_STATUS)
    if raw is None:
        return False, "its agent has not reported yet"
    status = json.loads(raw)
    if not status["api"]["connected"]:
        return False, f"its agent cannot reach the API: {status['api'].get('error', '')}"
    services = status["services"]
    losers = [s for s in services if s["state"] in ("clash", "invalid", "reserved")]
    if losers:
        return False, "; ".join(f"{s['namespace']}/{s['name']} port {s['port']}: {s['message']}" for s in losers)
    return True, f"{len(services)} published ports"
