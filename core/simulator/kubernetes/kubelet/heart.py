"""A kubelet's sign of life: its Node registered, its lease renewed, its status told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.simulator.kubernetes.kubelet.node import LEASE_NAMESPACE, LEASES, NodeFacts, lease, new_node, node_status
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.recorder import Recorder
from core.simulator.kubernetes.shape import Object, holds


@dataclass(slots=True, eq=False)
class Heart:
    """Keeps one Node. `interval` is how many seconds a status that says nothing new may be old."""

    objects: Objects
    facts: NodeFacts
    recorder: Recorder
    interval: float
    log: Callable[[str], None]
    _told: float = 0.0
    _obstacle: str | None = field(default=None)

    def register(self) -> bool:
        """Make the Node, or go on with it; says whether the machine was booted since it was last told of."""
        node = self._node()
        if node is None:
            node = self.objects.create("nodes", new_node(self.facts))
            self.log(f"Successfully registered node {self.facts.name}")
        self._say("Starting", "Starting kubelet.")
        known = node.get("status", {}).get("nodeInfo", {}).get("bootID", "")
        return bool(known and self.facts.boot_id and known != self.facts.boot_id)

    def beat(self, obstacle: str, images: Iterable[str], now: float) -> bool:
        """Renew the lease, and tell the status when it is due or `obstacle` is another one; False without a Node."""
        node = self._node()
        if node is None:
            return False
        if obstacle != self._obstacle or now >= self._told + self.interval:
            self._tell(node, obstacle, images, now)
        self._renew(node, now)
        return True

    def _tell(self, node: Object, obstacle: str, images: Iterable[str], now: float) -> None:
        if obstacle and obstacle != self._obstacle:
            self.log(obstacle)
        self._obstacle, self._told = obstacle, now
        status = node_status(self.facts, node.get("status") or {}, images, obstacle, now)
        self.objects.update_status("nodes", "", self.facts.name, status)
        if not obstacle and not holds(node, "Ready"):
            self._say("NodeReady", f"Node {self.facts.name} status is now: NodeReady")

    def _renew(self, node: Object, now: float) -> None:
        fresh = lease(self.facts, node, now)
        if self.objects.raw(LEASES, LEASE_NAMESPACE, self.facts.name) is None:
            self.objects.create(LEASES, fresh)
        else:
            self.objects.update(LEASES, fresh, expected="")

    def _node(self) -> Object | None:
        return self.objects.get("nodes", "", self.facts.name)

    def _say(self, reason: str, message: str) -> None:
        # A kubelet knows its Node's name, not its uid.
        about = {"kind": "Node", "name": self.facts.name, "uid": self.facts.name}
        self.recorder.record(about, reason, message)
