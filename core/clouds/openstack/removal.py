"""Taking away what an environment has beside its machines, in the order that the cloud allows, with proof."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Gone, Taken
from core.clouds.openstack.records import Ground, Group, Machines
from core.engine.errors import Transient
from core.engine.step import Report

Removing = Callable[[Any], Any]


async def remove_ground(calls: Calls, ground: Ground, report: Report) -> None:
    """Remove routers, subnets, networks, security groups and server groups of an environment without machines.

    Raises:
        Transient: something is still in use, by whatever else has a port in it.
    """
    own = {network.id for network in ground.networks}
    mine = {router.id for router in ground.routers}
    for way in ground.ways:
        if way.network in own or way.router in mine:
            await _remove(calls, f"interface of router {way.router}", _interface(way.router, way.port), report)
    for router in ground.routers:
        await _remove(calls, f"router {router.name}", _deletion("router", router.id), report)
    for subnet in ground.subnets:
        await _remove(calls, f"subnet {subnet.name}", _deletion("subnet", subnet.id), report)
    for network in ground.networks:
        await _remove(calls, f"network {network.name}", _deletion("network", network.id), report)
    await remove_groups(calls, list(ground.groups), report)
    for group in ground.server_groups:
        await _remove(calls, f"server group {group.name}", _server_group(group.id), report)


async def remove_groups(calls: Calls, groups: list[Group], report: Report) -> None:
    """Remove security groups; those that name another one as a source go together with it."""
    await asyncio.gather(
        *(
            _remove(calls, f"security group {group.name}", _deletion("security_group", group.id), report)
            for group in groups
        )
    )


def left(machines: Machines, ground: Ground) -> list[str]:
    """What is still there, in words; empty is the proof."""
    return [
        *(f"server {one.name}" for one in machines.servers),
        *(f"port {one.name}" for one in machines.ports),
        *(f"floating address {one.address}" for one in machines.floating),
        *(f"router {one.name}" for one in ground.routers),
        *(f"subnet {one.name}" for one in ground.subnets),
        *(f"network {one.name}" for one in ground.networks),
        *(f"security group {one.name}" for one in ground.groups),
        *(f"server group {one.name}" for one in ground.server_groups),
    ]


async def _remove(calls: Calls, what: str, remove: Removing, report: Report) -> None:
    try:
        await calls.do(remove)
    except Gone:
        return
    except Taken as taken:
        raise Transient(f"{what} is still in use: {taken.what}", where=taken.where) from taken
    report(f"{what} is removed")


def _deletion(kind: str, id: str) -> Removing:
    return lambda cloud: getattr(cloud.network, f"delete_{kind}")(id, ignore_missing=False)


def _interface(router: str, port: str) -> Removing:
    return lambda cloud: cloud.network.remove_interface_from_router(router, port=port)


def _server_group(id: str) -> Removing:
    return lambda cloud: cloud.compute.delete_server_group(id, ignore_missing=False)
