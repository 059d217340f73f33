"""Pod addresses: each node has blocks of the pod network, and gives out their addresses one after another."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable


class PodNetwork:
    """A cluster's pod network, cut into blocks as its network plug-in does: /26 for Calico, /24 for Flannel.

    `first` is the first address of a block that a pod may have, counted from the block's own.
    """

    def __init__(self, cidr: str, block: int = 26, first: int = 1) -> None:
        self._network = ipaddress.ip_network(cidr)
        self._size = 2 ** (32 - max(block, self._network.prefixlen))
        self._first = first
        self._blocks: dict[str, list[int]] = {}
        self._owners: dict[int, str] = {}
        self._taken: set[int] = set()
        self._last: dict[str, int] = {}

    def blocks(self, node: str) -> list[str]:
        """The blocks of a node, as networks."""
        prefix = 33 - self._size.bit_length()
        return [f"{ipaddress.ip_address(start)}/{prefix}" for start in self._blocks.get(node, ())]

    def give(self, node: str, cidr: str) -> None:
        """A block that the plug-in has given to this node, whoever had it before."""
        start = int(ipaddress.ip_interface(cidr).network.network_address)
        before = self._owners.get(start)
        if before not in (None, node):
            self._blocks[before].remove(start)
            del self._owners[start]
        self._own(node, start)

    def allocate(self, node: str) -> str:
        """A free address of the node's; when its blocks are full it takes another one.

        Raises:
            RuntimeError: the pod network has no block left.
        """
        candidates = [*self._candidates(node)]
        later = [number for number in candidates if number > self._last.get(node, -1)]
        number = next(iter(later or candidates), None)
        if number is None:
            self._own(node, self._free_block())
            return self.allocate(node)
        self._last[node] = number
        self._taken.add(number)
        return str(ipaddress.ip_address(number))

    def claim(self, node: str, address: str) -> None:
        """A pod has this address already."""
        number = int(ipaddress.ip_address(address))
        base = int(self._network.network_address)
        if number - base in range(self._network.num_addresses):
            self._own(node, number - (number - base) % self._size)
            self._taken.add(number)

    def release(self, address: str) -> None:
        """Nobody has this address any more; one that is none of ours is no matter."""
        self._taken.discard(int(ipaddress.ip_address(address)))

    def forget(self, node: str) -> None:
        """The node is gone, its blocks are free."""
        for start in self._blocks.pop(node, ()):
            self._owners.pop(start, None)

    def _own(self, node: str, start: int) -> None:
        if start not in self._owners:
            self._owners[start] = node
            self._blocks.setdefault(node, []).append(start)

    def _candidates(self, node: str) -> Iterable[int]:
        for start in self._blocks.get(node, ()):
            last = self._size - (1 if self._first else 0)
            yield from (n for n in range(start + self._first, start + last) if n not in self._taken)

    def _free_block(self) -> int:
        base, count = int(self._network.network_address), self._network.num_addresses
        starts = range(base, base + count, self._size)
        start = next((each for each in starts if each not in self._owners), None)
        if start is None:
            raise RuntimeError(f"the pod network {self._network} has no free block")
        return start
