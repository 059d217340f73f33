"""What a project has of all environments that this program ever made in it, by their marks."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.names import PRODUCT, Marks, described, grouped, marked

_KINDS = {
    "networks": "network",
    "subnets": "subnet",
    "routers": "router",
    "ports": "port",
    "ips": "floating address",
    "security_groups": "security group",
}
"""The network proxy's listings, and what people call one of each."""


async def remains(calls: Calls) -> dict[Marks, list[str]]:
    """Every marked object in words, by the environment whose mark it carries."""
    listings = [_neutron(calls, kind, words) for kind, words in _KINDS.items()]
    found: defaultdict[Marks, list[str]] = defaultdict(list)
    for listing in await asyncio.gather(_servers(calls), _server_groups(calls), *listings):
        for marks, words in listing:
            found[marks].append(words)
    return dict(found)


async def _servers(calls: Calls) -> list[tuple[Marks, str]]:
    listed = await calls.ask(lambda cloud: list(cloud.compute.servers(details=True, tags=PRODUCT)))
    pairs = [(marked(one.tags or ()), f"server {one.name}") for one in listed]
    return [(marks, words) for marks, words in pairs if marks is not None]


async def _server_groups(calls: Calls) -> list[tuple[Marks, str]]:
    listed = await calls.ask(lambda cloud: list(cloud.compute.server_groups()))
    pairs = [(grouped(one.name), f"server group {one.name}") for one in listed]
    return [(marks, words) for marks, words in pairs if marks is not None]


async def _neutron(calls: Calls, kind: str, words: str) -> list[tuple[Marks, str]]:
    listed: list[Any] = await calls.ask(lambda cloud: list(getattr(cloud.network, kind)()))
    pairs = [(described(one.description), f"{words} {_called(one)}") for one in listed]
    return [(marks, text) for marks, text in pairs if marks is not None]


def _called(one: Any) -> str:
    return str(getattr(one, "floating_ip_address", None) or one.name or one.id)
