"""Which machines a cluster consists of: a function of its declaration and of the machines it has."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from core.clouds.machines import Node, Role

__all__ = ["Layout", "Node", "Role", "assign_addresses", "free_addresses"]


@dataclass(frozen=True, slots=True)
class Layout:
    """The nodes that shall be, in etcd's order of preference, and those that must go, last one first."""

    nodes: tuple[Node, ...]
    leaving: tuple[Node, ...] = ()

    @property
    def control_plane(self) -> Node:
        return self.nodes[0]

    def of(self, role: Role) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.role == role)

    def node(self, name: str) -> Node:
        """The node of this name, wanted or leaving. Raises KeyError."""
        for node in (*self.nodes, *self.leaving):
            if node.name == name:
                return node
        raise KeyError(name)


def free_addresses(subnet: str, taken: Collection[str], first: int = 11) -> Iterable[str]:
    """The subnet's addresses from its `first` host on that nobody has, lowest first."""
    network = ipaddress.ip_network(subnet)
    for number in range(first, network.num_addresses - 1):
        address = str(network[number])
        if address not in taken:
            yield address


def assign_addresses(names: Iterable[str], known: Mapping[str, str], subnet: str) -> dict[str, str]:
    """An address for every name: the known one, else the lowest free one in the order of names."""
    free = iter(free_addresses(subnet, set(known.values())))
    return {name: known.get(name) or next(free) for name in names}
