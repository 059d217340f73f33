"""What a project has of an environment, in one call per kind of object however many machines there are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from openstack.connection import Connection

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.names import COMPONENT, GENERATION, MACHINE, ROLE, Marks, grouped
from core.clouds.openstack.records import (
    ANYWHERE,
    Floating,
    Ground,
    Group,
    LiveRule,
    Machines,
    Network,
    Port,
    Router,
    Rule,
    Server,
    ServerGroup,
    Subnet,
    Way,
)

_ROUTER_OWNERS = [
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
]
"""How Neutron calls the owner of a router's interface: plain, distributed, highly available."""

_MACHINE_TAG = f"{MACHINE}="


async def list_machines(calls: Calls, marks: Marks) -> Machines:
    """Servers, ports and floating addresses: three calls."""
    servers, ports, floating = await asyncio.gather(
        list_servers(calls, marks),
        calls.ask(lambda cloud: [port_row(port) for port in cloud.network.ports(description=marks.description)]),
        calls.ask(lambda cloud: [floating_row(one) for one in cloud.network.ips(description=marks.description)]),
    )
    return Machines(tuple(servers), tuple(ports), tuple(floating))


async def list_ground(calls: Calls, marks: Marks, *, own_network: bool) -> Ground:
    """Groups, and the network where it is the environment's own: at most six calls."""
    mine = marks.description
    groups, server_groups = await asyncio.gather(
        calls.ask(lambda cloud: [group_row(one) for one in cloud.network.security_groups(description=mine)]),
        calls.ask(lambda cloud: _server_groups(cloud, marks)),
    )
    if not own_network:
        return Ground(groups=tuple(groups), server_groups=tuple(server_groups))
    networks, subnets, routers, ways = await asyncio.gather(
        calls.ask(lambda cloud: [network_row(one) for one in cloud.network.networks(description=mine)]),
        calls.ask(lambda cloud: [subnet_row(one) for one in cloud.network.subnets(description=mine)]),
        calls.ask(lambda cloud: [router_row(one) for one in cloud.network.routers(description=mine)]),
        calls.ask(lambda cloud: [way_row(port) for port in cloud.network.ports(device_owner=_ROUTER_OWNERS)]),
    )
    return Ground(tuple(networks), tuple(subnets), tuple(routers), tuple(groups), tuple(server_groups), tuple(ways))


async def list_servers(calls: Calls, marks: Marks) -> list[Server]:
    """The servers alone: one call."""
    return await calls.ask(
        lambda cloud: [server_row(server) for server in cloud.compute.servers(details=True, tags=marks.tag)]
    )


def _server_groups(cloud: Connection, marks: Marks) -> list[ServerGroup]:
    return [server_group_row(one) for one in cloud.compute.server_groups() if grouped(one.name) == marks]


def server_row(server: Any) -> Server:
    """A server of the SDK's."""
    metadata: Mapping[str, str] = server.metadata or {}
    fault: Mapping[str, Any] = server.fault or {}
    number = metadata.get(GENERATION, "1")
    return Server(
        id=server.id,
        name=server.name,
        machine=metadata.get(MACHINE, ""),
        generation=int(number) if number.isdecimal() else 1,
        component=metadata.get(COMPONENT, ""),
        role=metadata.get(ROLE, ""),
        # A server that is being deleted keeps its old status until it is gone.
        status="DELETING" if server.task_state == "deleting" else server.status or "UNKNOWN",
        fault=" ".join(str(fault.get("message", "")).split()),
        created=server.created_at or "",
        launched=bool(server.launched_at),
        volumes=tuple(volume["id"] for volume in server.attached_volumes or () if volume.get("delete_on_termination")),
    )


def port_row(port: Any) -> Port:
    """A port of the SDK's."""
    addresses = [entry["ip_address"] for entry in port.fixed_ips or () if ":" not in entry["ip_address"]]
    return Port(
        id=port.id,
        name=port.name or "",
        network=port.network_id,
        address=addresses[0] if addresses else None,
        device=port.device_id or "",
        groups=tuple(sorted(port.security_group_ids or ())),
    )


def floating_row(floating: Any) -> Floating:
    """A floating address of the SDK's."""
    machine = next((tag.removeprefix(_MACHINE_TAG) for tag in floating.tags or () if tag.startswith(_MACHINE_TAG)), "")
    return Floating(floating.id, floating.floating_ip_address, floating.port_id or None, machine)


def group_row(group: Any) -> Group:
    """A security group of the SDK's; rules for what goes out are none of ours."""
    rules = tuple(live_rule(rule) for rule in group.security_group_rules or () if rule["direction"] == "ingress")
    return Group(group.id, group.name, rules)


def live_rule(rule: Mapping[str, Any]) -> LiveRule:
    """A rule as the API gives it inside its group; an IPv6 rule has a source that no rule of ours has."""
    source = rule.get("remote_group_id") or rule.get("remote_ip_prefix")
    if not source:
        source = ANYWHERE if rule["ethertype"] == "IPv4" else "::/0"
    content = Rule(rule.get("protocol") or "any", rule.get("port_range_min"), rule.get("port_range_max"), source)
    return LiveRule(rule["id"], content, rule.get("description") or "")


def network_row(network: Any) -> Network:
    """A network of the SDK's."""
    return Network(network.id, network.name or "", bool(network.is_router_external), network.mtu or 0)


def subnet_row(subnet: Any) -> Subnet:
    """A subnet of the SDK's."""
    return Subnet(subnet.id, subnet.name or "", subnet.network_id, subnet.cidr)


def router_row(router: Any) -> Router:
    """A router of the SDK's, without its interfaces."""
    gateway: Mapping[str, Any] = router.external_gateway_info or {}
    return Router(router.id, router.name or "", gateway.get("network_id"))


def way_row(port: Any) -> Way:
    """A router's interface, which the SDK gives as a port."""
    return Way(port.device_id, port.network_id, port.id)


def server_group_row(group: Any) -> ServerGroup:
    """A server group of the SDK's."""
    return ServerGroup(group.id, group.name, group.policy or next(iter(group.policies or ()), ""))
