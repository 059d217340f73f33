"""Joining Docker hosts to their environment: their steps, and how they are doing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from core.clouds.machines import Node
from core.containers.standalone.engine import Found, engine
from core.containers.standalone.labels import APPLICATION
from core.containers.standalone.site import HostSite
from core.containers.standalone.steps import host_steps
from core.deployment.context import EnvironmentContext
from core.deployment.docker_host import HostContext, cgroup_parent, machine_steps
from core.deployment.endpoints import record_endpoints
from core.deployment.ground import ports_steps, published_ports
from core.deployment.surroundings import surroundings
from core.engine.errors import Trouble
from core.engine.step import Step
from core.model.endpoint import GatewayAddress
from core.model.host import DockerStandaloneHost
from core.status import ComponentStatus, ConditionStatus, InstanceStatus, NodeStatus, Truth


def all_host_steps(context: EnvironmentContext) -> list[Step]:
    """The steps of every declared Docker host."""
    steps: list[Step] = []
    for host in context.hosts.values():
        machine = machine_steps(host, partial(context.wish, host.host))
        inside = host_steps(host_site(context, host), frozenset({machine[-1].id}))
        steps += [*machine, *inside, *_open_ports(context, host.host, inside)]
    return steps


def _open_ports(context: EnvironmentContext, host: DockerStandaloneHost, inside: Sequence[Step]) -> list[Step]:
    known = [step.id for step in inside if step.phase in ("removed", "endpoints")]
    return ports_steps(context, host.name, lambda: published_ports(context, [host.name]), known)


def host_site(context: EnvironmentContext, host: HostContext) -> HostSite:
    """The place of a host's applications."""
    return HostSite(
        around=surroundings(context),
        host=host.host,
        connect=lambda: host.connect(host.node),
        exists=lambda: host.exists(host.node) and host.quirks is not None,
        machine=lambda: _addresses(host),
        record=lambda component, found: record_endpoints(context, component, found),
        cgroup_parent=lambda: cgroup_parent(host.known_quirks),
        ports=context.cloud.gateway_ports,
    )


def _addresses(host: HostContext) -> GatewayAddress:
    machine = host.machines[host.node.name]
    return GatewayAddress(machine.address or "", machine.floating)


async def look_at_host(context: HostContext) -> ComponentStatus:
    """A host with its machine and its applications' containers, looked at now."""
    host, node = context.host, context.node
    if not context.exists(node):
        missing = ConditionStatus("Ready", "False", "NotDeployed", "the host's machine does not exist")
        return host_status(host, (missing,))
    try:
        async with engine(await context.connect(node)) as found:
            containers = await found.containers(host.name)
            restarts = await asyncio.gather(*(found.restarts(one.name) for one in containers))
    except Trouble as trouble:
        unknown = ConditionStatus("EngineReady", "Unknown", "CannotLook", str(trouble))
        return host_status(host, (_summary((unknown,)), unknown), (_node(context, node, str(trouble)),))
    answering = ConditionStatus("EngineReady", "True", "Answers", "the Docker engine answers")
    running = _applications(host, containers)
    instances = tuple(_instance(node, one, count) for one, count in zip(containers, restarts, strict=True))
    return host_status(host, (_summary((answering, running)), answering, running), (_node(context, node),), instances)


def host_status(
    host: DockerStandaloneHost,
    conditions: tuple[ConditionStatus, ...],
    nodes: tuple[NodeStatus, ...] = (),
    instances: tuple[InstanceStatus, ...] = (),
) -> ComponentStatus:
    """The host as front ends see it."""
    return ComponentStatus(
        name=host.name,
        kind=host.kind,
        conditions=conditions,
        replicas=len(host.applications),
        ready_replicas=sum(one.ready for one in instances),
        nodes=nodes,
        instances=instances,
    )


def _applications(host: DockerStandaloneHost, containers: Sequence[Found]) -> ConditionStatus:
    states = {one.labels.get(APPLICATION): _words(one) for one in containers}
    missing = {name: states.get(name, "no container") for name in (one.name for one in host.applications)}
    failing = [f"{name}: {state}" for name, state in missing.items() if state != "running"]
    count = len(host.applications)
    if failing:
        return ConditionStatus("ApplicationsReady", "False", "NotRunning", "; ".join(failing))
    return ConditionStatus("ApplicationsReady", "True", "AllRunning", f"{count} of {count} applications run")


def _words(container: Found) -> str:
    return container.health if container.running and container.health == "unhealthy" else container.state


def _summary(conditions: tuple[ConditionStatus, ...]) -> ConditionStatus:
    failing = [one for one in conditions if one.status != "True"]
    if not failing:
        return ConditionStatus("Ready", "True", "AllConditionsHold", f"all {len(conditions)} conditions hold")
    status: Truth = "False" if any(one.status == "False" for one in failing) else "Unknown"
    return ConditionStatus("Ready", status, "ConditionsMissing", f"{failing[0].type}: {failing[0].message}")


def _node(context: HostContext, node: Node, note: str = "") -> NodeStatus:
    address = context.machines[node.name].address or ""
    return NodeStatus(node.name, "docker-host", not note, address, note)


def _instance(node: Node, container: Found, restarts: int) -> InstanceStatus:
    return InstanceStatus(
        name=container.name,
        status=_words(container),
        ready=_words(container) == "running",
        node=node.name,
        restarts=restarts,
        age_seconds=container.age_seconds,
        containers=(container.name,),
    )
