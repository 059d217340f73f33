"""One component's machines while it is planned, run or looked at: from its provider, over SSH, in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from core.clouds.base import Cloud, CloudMachine
from core.engine.errors import Trouble
from core.engine.step import Action, Apply, Change, Probe, Step
from core.machines.artifacts import Artifacts
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.machines.facts import HostFacts
from core.machines.state import Desired
from core.machines.steps import Verify, machine_step
from core.store.keys import delete_host_key
from core.store.machines import MachineRecord
from core.store.store import Store

Role = Literal["control-plane", "worker", "gateway", "docker-host"]


@dataclass(frozen=True, slots=True)
class Node:
    """A machine with its place in its component; `address` is None until its provider has given one."""

    name: str
    role: Role
    index: int
    address: str | None = None


@dataclass(slots=True, kw_only=True)
class MachineContext:
    """What the steps of a component's machines work with: the ways to its cloud, to its machines and to the store.

    `machines` is what the cloud has, kept up to date by the steps that create and delete. `identity` makes the record
    of a machine that is about to be created, with its pinned host key.
    """

    environment: str
    component: str
    cloud: Cloud
    connections: Connections
    artifacts: Artifacts
    store: Store
    identity: Callable[[Node], MachineRecord]
    machines: dict[str, CloudMachine] = field(default_factory=dict)

    def exists(self, node: Node) -> bool:
        """Whether the machine is there and runs."""
        found = self.machines.get(node.name)
        return found is not None and found.status == "running"

    async def connect(self, node: Node) -> Connection:
        """The kept connection to a machine. Raises `Trouble` where there is no such machine."""
        if not self.exists(node):
            raise Trouble("this machine is not running", where=node.name, fix="deploy the environment")
        return await self.connections.get(node.name)

    def recorded(self, node: Node) -> bool:
        """Whether the machine's record says what its provider says; a killed run may have left it half written."""
        found, known = self.machines[node.name], self.store.machines.get(self.environment, node.name)
        if known is None or known.host_key is None:
            return False
        ours = (known.address, known.floating, known.user, known.port, known.cloud_id, known.jump)
        theirs = (found.address, found.floating, found.user, found.port, found.id, found.jump)
        return ours == theirs and known.host_key == self.identity(node).host_key

    def record(self, node: Node, machine: CloudMachine) -> None:
        """Remember a machine that the cloud gave us."""
        self.machines[node.name] = machine
        known = self.identity(node)
        self.store.machines.upsert(
            MachineRecord(
                environment=self.environment,
                component=self.component,
                name=node.name,
                role=node.role,
                index=node.index,
                generation=known.generation,
                address=machine.address,
                floating=machine.floating,
                user=machine.user,
                port=machine.port,
                cloud_id=machine.id,
                host_key=known.host_key,
                jump=machine.jump,
            )
        )

    def forget(self, node: Node) -> None:
        """Drop a machine that is gone, its record last: it tells the next run that something is left."""
        self.machines.pop(node.name, None)
        delete_host_key(self.store.home, self.environment, node.name)
        self.store.machines.delete(self.environment, node.name)

    def met(self, node: Node, facts: HostFacts) -> None:
        """Take notice of what a machine said of itself; nothing of it matters here."""

    def id(self, phase: str, node: Node | None = None) -> str:
        """A step's id."""
        return f"{self.component}/{node.name}/{phase}" if node else f"{self.component}/{phase}"

    def step(
        self,
        phase: str,
        title: str,
        probe: Probe,
        apply: Apply,
        *,
        node: Node | None = None,
        requires: frozenset[str] = frozenset(),
        deadline: float = 300.0,
    ) -> Step:
        """A step of this component, on a machine or on the component as a whole."""
        target = node.name if node else self.component
        return Step(self.id(phase, node), self.component, target, phase, title, probe, apply, requires, deadline)

    def state_step(
        self,
        phase: str,
        title: str,
        node: Node,
        desired: Callable[[], Desired],
        *,
        requires: frozenset[str],
        deadline: float = 300.0,
        verify: Verify | None = None,
    ) -> Step:
        """A step that brings a machine into a wanted state."""
        return machine_step(
            id=self.id(phase, node),
            component=self.component,
            machine=node.name,
            phase=phase,
            title=title,
            requires=requires,
            desired=desired,
            machines=self.connections,
            artifacts=self.artifacts,
            exists=lambda: self.exists(node),
            deadline=deadline,
            verify=verify,
        )


def wanted(action: Action, subject: str, after: str = "") -> list[Change]:
    """A finding of one change."""
    return [Change(action, subject, after=after)]
