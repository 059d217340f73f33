"""etcd's own access control: the network's daemons, whose key is on every machine, reach the network's keys only.

etcd takes the common name of a client certificate as the user (etcd.io, "Role-based access control"). Without this,
whoever has a worker has the cluster's whole state.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from core.cluster.certificates import ETCD_API, ETCD_NETWORK, ETCD_OPERATOR
from core.cluster.context import UP, ClusterContext
from core.cluster.etcd import etcdctl
from core.engine.errors import Transient
from core.engine.step import Change, Report, Step
from core.machines.connection import Connection

PREFIXES = {"calico": "/calico/", "flannel": "/coreos.com/network/"}
"""Where each network keeps its data."""

_EVERYTHING = "root"
"""etcd's built-in role that may do everything; access control cannot be switched on without it."""


def access_step(context: ClusterContext, requires: Sequence[str]) -> Step:
    """Users, roles and the switch."""
    prefix = PREFIXES[context.blueprint.cluster.network]

    async def probe() -> Sequence[Change]:
        if not context.exists(context.blueprint.layout.control_plane):
            return [Change("create", "etcd access control", after=f"{ETCD_NETWORK} may use {prefix} only")]
        try:
            missing = await _missing(await context.voter(), prefix)
        except Transient as trouble:
            return [Change("wait", "etcd access control", after=trouble.what)]
        return [Change("create", f"etcd {command}") for command in missing]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        voter = await context.voter()
        missing = await _missing(voter, prefix)
        # It answers, and nothing is kept in it before access control is on: from here on it must not be made anew.
        context.store.values.set(context.environment, context.name, UP, True)
        for command in missing:
            await etcdctl(voter, command)
        report(f"etcd: access control is on; {ETCD_NETWORK} may use {prefix} only")

    return context.step("etcd-access", "etcd's access control", probe, apply, requires=frozenset(requires))


async def _missing(voter: Connection, prefix: str) -> list[str]:
    """The etcdctl commands that are still to be given, the switch last."""
    users = json.loads(await etcdctl(voter, "user list -w json")).get("users") or []
    roles = json.loads(await etcdctl(voter, "role list -w json")).get("roles") or []
    commands = [
        f"user add {user} --no-password" for user in (ETCD_OPERATOR, ETCD_API, ETCD_NETWORK) if user not in users
    ]
    commands += [f"role add {role}" for role in (_EVERYTHING, ETCD_NETWORK) if role not in roles]
    grant = f"role grant-permission {ETCD_NETWORK} --prefix=true readwrite {prefix}"
    if ETCD_NETWORK not in roles or not await _may_use(voter, prefix):
        commands.append(grant)
    for user, role in ((ETCD_OPERATOR, _EVERYTHING), (ETCD_API, _EVERYTHING), (ETCD_NETWORK, ETCD_NETWORK)):
        if user not in users or role not in await _roles_of(voter, user):
            commands.append(f"user grant-role {user} {role}")
    if not json.loads(await etcdctl(voter, "auth status -w json")).get("enabled"):
        commands.append("auth enable")
    return commands


async def _roles_of(voter: Connection, user: str) -> list[str]:
    found: list[str] = json.loads(await etcdctl(voter, f"user get {user} -w json")).get("roles") or []
    return found


async def _may_use(voter: Connection, prefix: str) -> bool:
    text = await etcdctl(voter, f"role get {ETCD_NETWORK}")
    return f"[{prefix}," in text or f"prefix {prefix}" in text
