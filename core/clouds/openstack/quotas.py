"""The project's quotas with what is used of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from openstack.connection import Connection

from core.clouds.choices import Quota
from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Gone
from core.engine.errors import Refusal

_COMPUTE = (
    ("servers", "instances_used", "instances"),
    ("vCPUs", "total_cores_used", "total_cores"),
    ("MiB of memory", "total_ram_used", "total_ram"),
    ("server groups", "server_groups_used", "server_groups"),
)
"""What people call each of Nova's limits, and the SDK's names of its use and limit."""

_NETWORK = (
    ("networks", "networks"),
    ("subnets", "subnets"),
    ("routers", "routers"),
    ("ports", "ports"),
    ("floating addresses", "floating_ips"),
    ("security groups", "security_groups"),
    ("security group rules", "security_group_rules"),
)

_VOLUME = (("volumes", "volumes"), ("GiB of volumes", "gigabytes"))

GROUP_MEMBERS = "servers in a server group"


async def quotas(calls: Calls, *, volumes: bool = False) -> list[Quota]:
    """All of them; one that the cloud does not tell is left out."""
    compute, network = await asyncio.gather(calls.ask(_compute), calls.ask(_network))
    found = [*compute, *network]
    if volumes:
        try:
            found += await calls.ask(_volumes)
        except (Gone, Refusal):
            # A cloud without a service for volumes; the server's creation will say what it lacks.
            return found
    return found


def _compute(cloud: Connection) -> list[Quota]:
    absolute: Any = cloud.compute.get_limits().absolute
    found = [_quota(name, getattr(absolute, used), getattr(absolute, limit)) for name, used, limit in _COMPUTE]
    found.append(_quota(GROUP_MEMBERS, 0, absolute.server_group_members))
    return [quota for quota in found if quota is not None]


def _network(cloud: Connection) -> list[Quota]:
    project = cloud.session.get_project_id() or ""
    details: Any = cloud.network.get_quota(project, details=True)
    found = [_detail(name, getattr(details, key, None)) for name, key in _NETWORK]
    return [quota for quota in found if quota is not None]


def _volumes(cloud: Connection) -> list[Quota]:
    details: Any = cloud.block_storage.get_quota_set(cloud.session.get_project_id() or "", usage=True)
    usage: Mapping[str, Any] = details.usage or {}
    found = [_quota(name, usage.get(key, 0), getattr(details, key, None)) for name, key in _VOLUME]
    return [quota for quota in found if quota is not None]


def _detail(name: str, value: Any) -> Quota | None:
    if not isinstance(value, Mapping):
        return None
    return _quota(name, int(value.get("used", 0)) + int(value.get("reserved", 0)), value.get("limit"))


def _quota(name: str, used: Any, limit: Any) -> Quota | None:
    """-1 is no limit, in all services."""
    if limit is None:
        return None
    return Quota(name, max(0, int(used or 0)), None if int(limit) < 0 else int(limit))
