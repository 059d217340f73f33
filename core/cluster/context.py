"""What the steps of one cluster work with: its blueprint and the ways to its cloud, machines and API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.clouds.base import CloudMachine
from core.clouds.machines import MachineContext, Node, wanted
from core.cluster.blueprint import Blueprint, quirks_of
from core.kube.access import Cluster
from core.machines.connection import Connection
from core.machines.facts import HostFacts

__all__ = ["ROSTER", "UP", "ClusterContext", "wanted"]

UP = "etcd-up"
"""The store's key for whether the cluster's etcd ever was up: then it must never be made anew."""

ROSTER = "etcd-roster"
"""The store's key for the names that bootstrapped, or are about to bootstrap, this cluster's etcd."""


@dataclass(slots=True, kw_only=True)
class ClusterContext(MachineContext):
    """One cluster of one environment; its addresses and its machines' quirks are kept in the blueprint, too."""

    blueprint: Blueprint
    api: Callable[[], Awaitable[Cluster]]

    @property
    def name(self) -> str:
        return self.component

    async def voter(self) -> Connection:
        """A machine that can be asked about etcd: the control plane, else whichever voter is there.

        Raises:
            Trouble: none of them runs.
        """
        names = self.store.values.get(self.environment, self.name, ROSTER, [])
        nodes = self.blueprint.layout.nodes
        for node in (nodes[0], *(node for node in nodes[1:] if node.name in names)):
            if self.exists(node):
                return await self.connect(node)
        return await self.connect(nodes[0])

    def record(self, node: Node, machine: CloudMachine) -> None:
        """Remember a machine that the cloud gave us."""
        if machine.address:
            self.blueprint.addresses[node.name] = machine.address
        self.blueprint.floating.pop(node.name, None)
        if machine.floating:
            self.blueprint.floating[node.name] = machine.floating
        MachineContext.record(self, node, machine)

    def forget(self, node: Node) -> None:
        """Drop a machine that is gone."""
        self.blueprint.addresses.pop(node.name, None)
        MachineContext.forget(self, node)

    def met(self, node: Node, facts: HostFacts) -> None:
        """Take notice of how a machine differs from a plain one."""
        self.blueprint.quirks[node.name] = quirks_of(facts)
