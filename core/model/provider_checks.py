"""What must hold inside a provider, and between it and the machines that the components need."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from core.model.base import Path
from core.model.cluster import KubernetesCluster
from core.model.contradiction import Contradiction, repeated
from core.model.declaration import Declaration
from core.model.host import DockerStandaloneHost
from core.model.naming import potential_machines
from core.model.provider import Inventory, InventoryMachine, Nspawn, OpenStack

_NOT_FOR_MACHINES = 3
"""Addresses of a subnet that no machine gets: the network's, the bridge's and the broadcast's."""

_NOT_FOR_SERVERS = 5
"""Those, and what Neutron's DHCP agents take for themselves."""


def provider_contradictions(declaration: Declaration) -> Iterator[Contradiction]:
    """All of the provider, and of the machines' names."""
    provider = declaration.provider
    if isinstance(provider, Inventory):
        yield from _inventory(provider)
    if isinstance(provider, Nspawn):
        yield from _room(declaration, provider.subnet, _NOT_FOR_MACHINES)
    if isinstance(provider, OpenStack):
        yield from _chosen(declaration, provider)
        yield from _openstack(declaration, provider)
    yield from _machine_names(declaration)


def _machine_names(declaration: Declaration) -> Iterator[Contradiction]:
    """Machines share one network: each name is one machine's, at the clusters' largest."""
    first: dict[str, tuple[Path, str]] = {}
    for path, owner, names in _machines(declaration):
        taken = next((name for name in names if name in first), None)
        if taken is not None:
            where, other = first[taken]
            found = f"machine name {taken}, which {other} has already"
            allowed = "a name for each machine: give one of them another pattern or hostname"
            yield Contradiction(path, found, allowed, _pattern_paths(path, where))
        for name in names:
            first.setdefault(name, (path, owner))


def _pattern_paths(*paths: Path) -> tuple[Path, ...]:
    """What the names come from beside the patterns: the maxima."""
    others = (("workers", "max"), ("gateways", "max"), ("node_pattern",), ("gateway_pattern",), ("name",))
    return (*paths, *((*path[:2], *other) for path in paths for other in others))


def _machines(declaration: Declaration) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    for index, part in enumerate(declaration.components):
        here: Path = ("components", index)
        if isinstance(part, KubernetesCluster):
            names = potential_machines(part)
            nodes = tuple(machine.name for machine in names if machine.role != "gateway")
            gateways = tuple(machine.name for machine in names if machine.role == "gateway")
            yield (*here, "node_pattern"), part.name, nodes
            # Where a cluster's own patterns give the same name, that is said once, by the cluster's checks.
            yield (*here, "gateway_pattern"), part.name, tuple(name for name in gateways if name not in nodes)
        elif isinstance(part, DockerStandaloneHost):
            yield (*here, "hostname"), part.name, (part.machine,)


def _room(declaration: Declaration, subnet: str, not_for_machines: int) -> Iterator[Contradiction]:
    network = IPv4Network(subnet)
    room = network.num_addresses - not_for_machines
    needed = sum(len(names) for _, _, names in _machines(declaration))
    if needed > room:
        found = f"{network}, which has room for {room} machines"
        about = tuple(_pattern_paths(*(path for path, _, _ in _machines(declaration))))
        allowed = f"a subnet for the {needed} machines that there may be, or smaller maxima"
        yield Contradiction(("provider", "subnet"), found, allowed, about)


def _chosen(declaration: Declaration, provider: OpenStack) -> Iterator[Contradiction]:
    """A server is made from a flavor and an image: its component's or else the provider's."""
    for index, part in enumerate(declaration.components):
        if not isinstance(part, KubernetesCluster | DockerStandaloneHost):
            continue
        for field, ours, theirs in (
            ("flavor", part.instance.flavor, provider.flavor),
            ("image", part.instance.image, provider.image),
        ):
            if ours is None and theirs is None:
                path: Path = ("components", index, "instance", field)
                allowed = f"{field} of the instance or of the provider: OpenStack needs one"
                yield Contradiction(path, "nothing", allowed, (("provider", field),))


def _openstack(declaration: Declaration, provider: OpenStack) -> Iterator[Contradiction]:
    """Whether the operator gets to the machines, and the machines to where they shall be."""
    here: Path = ("provider",)
    if not provider.access and (declaration.clusters() or declaration.hosts()):
        allowed = "the networks that may use SSH and the Kubernetes API, as [203.0.113.7/32] – [0.0.0.0/0] is the world"
        yield Contradiction((*here, "access"), "nothing", allowed)
    if provider.reach == "bastion" and provider.bastion is None:
        yield Contradiction((*here, "bastion"), "nothing", "a bastion, as reach is bastion", ((*here, "reach"),))
    if provider.network is not None and provider.router is not None:
        allowed = "no router beside a network that exists"
        yield Contradiction((*here, "router"), f'"{provider.router}"', allowed, ((*here, "network"),))
    if provider.network is None:
        yield from _room(declaration, provider.subnet, _NOT_FOR_SERVERS)


def _inventory(provider: Inventory) -> Iterator[Contradiction]:
    here: Path = ("provider", "machines")
    machines = list(enumerate(provider.machines))
    yield from repeated((((*here, i, "name"), one.name) for i, one in machines if one.name), "machine name")
    addresses = (((*here, i, "address"), f"{one.address} port {one.port}") for i, one in machines)
    yield from repeated(addresses, "address and port of a machine")
    yield from _jumps(provider, here)


def _jumps(provider: Inventory, here: Path) -> Iterator[Contradiction]:
    known = {machine.label: machine for machine in provider.machines}
    labels = tuple((*here, index, "name") for index in range(len(provider.machines)))
    for index, machine in enumerate(provider.machines):
        path = (*here, index, "jump")
        if machine.jump is not None and machine.jump not in known:
            allowed = f"the name of a machine of the inventory: {', '.join(known)}"
            yield Contradiction(path, f'"{machine.jump}"', allowed, labels)
        elif _circles(machine, known):
            found = f'"{machine.jump}", a way that leads back to {machine.label}'
            yield Contradiction(path, found, "a way that ends at a machine without jump", labels)


def _circles(machine: InventoryMachine, known: dict[str, InventoryMachine]) -> bool:
    """Whether following `jump` comes back to the machine itself."""
    seen: set[str] = set()
    following = machine.jump
    while following is not None and following in known and following not in seen:
        if following == machine.label:
            return True
        seen.add(following)
        following = known[following].jump
    return False
