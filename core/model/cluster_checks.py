"""What must hold between the fields of a cluster, and between it and its provider."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, ip_address

from core.model.base import Path, dotted
from core.model.cluster import KubernetesCluster, Network
from core.model.contradiction import Contradiction
from core.model.naming import collision
from core.model.provider import Inventory, Nspawn, OpenStack, Simulated
from core.model.text import is_address

_BLOCKS: dict[Network, int] = {"calico": 26, "flannel": 24}
"""The prefix length of the piece of the pod range that each machine takes for itself."""

AnyProvider = Nspawn | Inventory | Simulated | OpenStack


def cluster_contradictions(cluster: KubernetesCluster, here: Path, provider: AnyProvider) -> Iterator[Contradiction]:
    """All of one cluster; `here` is its path in the document."""
    yield from _counts(cluster, here)
    yield from _patterns(cluster, here)
    yield from _pod_range(cluster, here)
    yield from _ranges(cluster, here, provider)


def _counts(cluster: KubernetesCluster, here: Path) -> Iterator[Contradiction]:
    for field, count, most in (
        ("workers", cluster.workers.count, cluster.workers.max),
        ("gateways", cluster.gateways.count, cluster.gateways.max),
    ):
        if count > most:
            allowed = f"at most {most}, which is {field}.max"
            yield Contradiction((*here, field, "count"), str(count), allowed, ((*here, field, "max"),))


def _patterns(cluster: KubernetesCluster, here: Path) -> Iterator[Contradiction]:
    name = collision(cluster.node_pattern, cluster.gateway_pattern)
    if name is not None:
        found = f'"{cluster.gateway_pattern}", which can give {name} as node_pattern "{cluster.node_pattern}" can'
        allowed = "a pattern that never gives a name that node_pattern gives"
        yield Contradiction((*here, "gateway_pattern"), found, allowed, ((*here, "node_pattern"),))


def _pod_range(cluster: KubernetesCluster, here: Path) -> Iterator[Contradiction]:
    block = _BLOCKS[cluster.network]
    machines = 1 + cluster.workers.max + cluster.gateways.max
    room = 1 << max(0, block - IPv4Network(cluster.pod_cidr).prefixlen)
    if room < machines:
        found = f"{cluster.pod_cidr}, which has room for {room} machines"
        allowed = f"a range with a /{block} for each of the {machines} machines that the cluster may have"
        about = tuple((*here, *rest) for rest in (("network",), ("workers", "max"), ("gateways", "max")))
        yield Contradiction((*here, "pod_cidr"), found, allowed, about)


def _ranges(cluster: KubernetesCluster, here: Path, provider: AnyProvider) -> Iterator[Contradiction]:
    pods, services = (*here, "pod_cidr"), (*here, "service_cidr")
    if IPv4Network(cluster.pod_cidr).overlaps(IPv4Network(cluster.service_cidr)):
        # The one that the document names is the one to change.
        if "service_cidr" in cluster.model_fields_set:
            path, found = services, f"{cluster.service_cidr}, which overlaps the pods' {cluster.pod_cidr}"
        else:
            path, found = pods, f"{cluster.pod_cidr}, which overlaps the services' {cluster.service_cidr}"
        yield Contradiction(path, found, "ranges of pods and services apart", (pods, services, (*here, "network")))
    for path, ours in ((pods, cluster.pod_cidr), (services, cluster.service_cidr)):
        for other, theirs in _machine_networks(provider):
            if IPv4Network(ours).overlaps(theirs):
                found = f"{ours}, which overlaps the machines' {theirs}"
                allowed = f"a range apart from {dotted(other)}"
                yield Contradiction(path, found, allowed, (other, (*here, "network")))


def _machine_networks(provider: AnyProvider) -> Iterator[tuple[Path, IPv4Network]]:
    """Where the machines' own addresses are, as far as the document says."""
    if isinstance(provider, Nspawn) or (isinstance(provider, OpenStack) and provider.network is None):
        yield ("provider", "subnet"), IPv4Network(provider.subnet)
    if isinstance(provider, Inventory):
        for index, machine in enumerate(provider.machines):
            address = ip_address(machine.address) if is_address(machine.address) else None
            if isinstance(address, IPv4Address):
                yield ("provider", "machines", index, "address"), IPv4Network(address)
