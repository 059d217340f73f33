"""What a cluster was made with and cannot become otherwise: remembered, and compared with what is declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.cluster.context import ClusterContext
from core.engine.step import Change, Report, Step
from core.model.cluster import KubernetesCluster

OPTIONS = "options"
"""The store's key for the options that a cluster was made with."""

VERSION = "version"
"""The store's key for the Kubernetes minor that the control plane runs."""

_FIXED = ("network", "pod_cidr", "service_cidr", "dns_domain", "node_pattern", "gateway_pattern")


def fixed_options(cluster: KubernetesCluster) -> dict[str, str]:
    """The options that running pods, addresses and names hang on."""
    return {name: str(getattr(cluster, name)) for name in _FIXED}


def objections(cluster: KubernetesCluster, remembered: Mapping[str, object]) -> list[str]:
    """Why the cluster cannot become what is declared, a sentence each; `remembered` are the store's values of it."""
    made_with = remembered.get(OPTIONS)
    before: Mapping[str, str] = made_with if isinstance(made_with, Mapping) else {}
    found = [
        f"{name} cannot be changed from {before[name]} to {value} on a cluster that is deployed"
        for name, value in fixed_options(cluster).items()
        if before.get(name, value) != value
    ]
    version = remembered.get(VERSION)
    return found + ([trouble] if isinstance(version, str) and (trouble := _version(version, cluster.version)) else [])


def _version(before: str, after: str) -> str:
    """Kubernetes' version skew policy: a control plane goes up by one minor at a time and never down."""
    old, new = (int(version.split(".")[1]) for version in (before, after))
    if new < old:
        return f"version cannot go down from {before} to {after}"
    return f"version cannot skip a minor on the way from {before} to {after}" if new > old + 1 else ""


def options_step(context: ClusterContext, requires: Sequence[str]) -> Step:
    """The cluster's options are remembered before anything is made with them."""
    wish = fixed_options(context.blueprint.cluster)
    return _remember(context, OPTIONS, "remember the cluster's options", wish, requires)


def version_step(context: ClusterContext, requires: Sequence[str]) -> Step:
    """The control plane's version is remembered once it answers."""
    return _remember(context, VERSION, "remember the version", context.blueprint.cluster.version, requires)


def _remember(context: ClusterContext, key: str, title: str, wish: object, requires: Sequence[str]) -> Step:
    values = context.store.values

    async def probe() -> Sequence[Change]:
        known = values.get(context.environment, context.name, key)
        return [] if known == wish else [Change("update", f"record of the cluster's {key}")]

    async def apply(changes: Sequence[Change], report: Report) -> None:
        values.set(context.environment, context.name, key, wish)

    return context.step(key, title, probe, apply, requires=frozenset(requires))
