"""A machine's first steps: it is created, answers SSH, is what it must be, and has its certificates."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from core.clouds.base import MachineWish
from core.cluster.blueprint import Quirks
from core.cluster.certificates import cluster_leaves, make_authorities, missing_authorities, node_leaves, stale
from core.cluster.context import UP, ClusterContext, wanted
from core.cluster.layout import Node
from core.engine.errors import Refusal, Unreachable
from core.engine.step import Change, Report, Step
from core.machines.facts import HostFacts, gather_host
from core.machines.steps import Unknown

SKEW_ALLOWED = 60.0
"""Seconds that a machine's clock may differ from ours; certificates are backdated by more."""

ROOM_NEEDED = 2 * 1024**3
"""Bytes free on a machine's root file system."""


def pki_step(context: ClusterContext) -> Step:
    """The cluster's authorities and the certificates that are the same everywhere."""
    pki = context.blueprint.pki

    async def probe() -> Sequence[Change]:
        missing = missing_authorities(pki)
        if missing and context.store.values.get(context.environment, context.name, UP):
            raise _lost_keys(context, missing)
        return [
            *(Change("create", f"authority {name}", secret=True) for name in missing),
            *(Change("create", f"certificate {leaf.file}", secret=True) for leaf in stale(pki, cluster_leaves())),
        ]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        make_authorities(pki)
        for leaf in stale(pki, cluster_leaves()):
            pki.issue(leaf)
        report("authorities and client certificates are ready")

    return context.step("pki", "issue the cluster's certificates", probe, apply)


def _lost_keys(context: ClusterContext, missing: Sequence[str]) -> Refusal:
    """Nothing that a running cluster holds would accept keys made anew, and its secrets could never be read again."""
    return Refusal(
        f"the running cluster's keys are gone from this computer: {', '.join(missing)}",
        where=str(context.blueprint.pki.directory),
        fix="bring them back from a backup, or destroy the environment",
    )


def create_step(context: ClusterContext, node: Node, wish: Callable[[Node], MachineWish]) -> Step:
    """The machine itself."""

    async def probe() -> Sequence[Change]:
        if not context.exists(node):
            return wanted("create", f"machine {node.name}", node.address or "address given by the provider")
        return [] if context.recorded(node) else wanted("update", f"record of machine {node.name}")

    async def apply(changes: Sequence[Change], report: Report) -> None:
        report(f"creating machine {node.name}" if changes[0].action == "create" else f"looking up {node.name}")
        # The identity is kept before anything exists, so that what a killed run made is known to be ours.
        context.store.machines.upsert(context.identity(node))
        machine = await context.cloud.create(wish(node), report)
        context.record(node, machine)
        report(f"machine {node.name} is running at {machine.address}")

    return context.step("create", f"create {node.name}", probe, apply, node=node, deadline=900)


def ssh_step(context: ClusterContext, node: Node) -> Step:
    """SSH answers with the pinned key, and the machine is one that can become a node."""

    async def probe() -> Sequence[Change]:
        if not context.exists(node):
            return wanted("wait", f"SSH on {node.name}")
        try:
            await _meet(context, node)
        except Unreachable as trouble:
            return wanted("wait", f"SSH on {node.name}", trouble.what)
        return []

    async def apply(changes: Sequence[Change], report: Report) -> None:
        connection = await context.connect(node)
        await connection.wait(240)
        facts = await _meet(context, node)
        report(f"{node.name} answers: {facts.os}, {facts.arch}, kernel {facts.kernel}")

    requires = frozenset({context.id("create", node)})
    return context.step("ssh", f"reach {node.name}", probe, apply, node=node, requires=requires)


def certificates_step(context: ClusterContext, node: Node) -> Step:
    """The node's own certificates, issued here as soon as its address is known."""
    blueprint = context.blueprint

    async def probe() -> Sequence[Change]:
        try:
            leaves = node_leaves(blueprint, node)
        except Unknown as unknown:
            return wanted("create", f"certificates of {node.name}", f"when {unknown} is known")
        return [Change("create", f"certificate {leaf.file}", secret=True) for leaf in stale(blueprint.pki, leaves)]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        for leaf in stale(blueprint.pki, node_leaves(blueprint, node)):
            blueprint.pki.issue(leaf)
        report(f"certificates of {node.name} are issued")

    requires = frozenset({context.id("create", node), context.id("pki")})
    return context.step(
        "identity", f"issue the certificates of {node.name}", probe, apply, node=node, requires=requires
    )


async def _meet(context: ClusterContext, node: Node) -> HostFacts:
    connection = await context.connect(node)
    asked = time.time()
    facts = await gather_host(connection)
    check_host(node.name, facts, (asked + time.time()) / 2)
    context.note_quirks(node, quirks_of(facts))
    return facts


def check_host(name: str, facts: HostFacts, now: float) -> None:
    """Raises `Refusal` where the machine cannot become a node."""
    if facts.arch not in ("x86_64", "aarch64"):
        raise Refusal(f"architecture {facts.arch} is not supported", where=name, fix="use x86_64 or aarch64")
    skew = facts.clock - now
    if abs(skew) > SKEW_ALLOWED:
        raise Refusal(f"its clock differs by {skew:.0f} s from ours", where=name, fix="set up NTP on the machine")
    if facts.free_root < ROOM_NEEDED:
        raise Refusal(
            f"only {facts.free_root // 1024**2} MiB are free on /", where=name, fix="make room: 2 GiB are needed"
        )


def quirks_of(facts: HostFacts) -> Quirks:
    """What the machine says of itself, in the cluster's terms."""
    said = facts.machine
    return Quirks(
        cgroup_root=str(said.get("cgroup_root", "")).removesuffix("/"),
        cgroup_driver=str(said.get("cgroup_driver", "systemd")),
        cgroup_v1=facts.cgroup_v1,
        restrict_oom_score_adj=bool(said.get("restrict_oom_score_adj", False)),
        conntrack_unwritable=bool(said.get("conntrack_unwritable", False)),
        nameservers=tuple(facts.nameservers),
    )
