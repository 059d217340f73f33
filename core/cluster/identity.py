"""Who is who in a cluster: its authorities, and the certificates of each of its machines."""

from __future__ import annotations

from collections.abc import Sequence

from core.cluster.certificates import cluster_leaves, make_authorities, missing_authorities, node_leaves, stale
from core.cluster.context import UP, ClusterContext, wanted
from core.cluster.layout import Node
from core.engine.errors import Refusal
from core.engine.step import Change, Report, Step
from core.machines.steps import Unknown


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
