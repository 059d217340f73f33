"""The controllers that need to know how the cluster is set up: nodes that fall silent, namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.simulator.kubernetes.controllers import namespace, node_lifecycle
from core.simulator.kubernetes.controllers.changes import Change
from core.simulator.kubernetes.controllers.view import Place, View
from core.simulator.kubernetes.kubelet.node import LEASE_NAMESPACE, LEASES
from core.simulator.kubernetes.shape import condition


@dataclass(frozen=True, slots=True)
class Settings:
    """How a cluster's controllers are set up.

    `grace` is how many seconds a node may be silent, `waiting` what a real second of a toleration lasts here,
    `authority` the cluster's CA as PEM, that every namespace gets.
    """

    grace: float = 5.0
    waiting: float = 0.1
    authority: str = ""


@dataclass(slots=True)
class Caretaker:
    """Looks after nodes and namespaces as the settings say."""

    settings: Settings
    _silence: node_lifecycle.Silence = field(init=False)

    def __post_init__(self) -> None:
        self._silence = node_lifecycle.Silence(self.settings.grace)

    def node(self, view: View, place: Place) -> Iterator[Change]:
        """A node, and the pods on it."""
        node, name = view.get(*place), place[1][1]
        if node is None:
            return
        lease = view.get(LEASES, (LEASE_NAMESPACE, name)) or {}
        heartbeat = (condition(node, "Ready") or {}).get("lastHeartbeatTime", "")
        said = f"{lease.get('spec', {}).get('renewTime', '')} {heartbeat}"
        silent = self._silence.of(name, said, view.now)
        grace, waiting = self.settings.grace, self.settings.waiting
        pods = view.pods_on(name)
        yield from node_lifecycle.reconcile(node, pods, silent=silent, grace=grace, waiting=waiting, now=view.now)
        for pod in pods if silent else ():
            if found := view.get("pods", pod.key):
                yield from node_lifecycle.unready(found, view.now)

    def namespace(self, view: View, place: Place) -> Iterator[Change]:
        """A namespace: furnished while it is there, emptied before it goes."""
        found, name = view.get(*place), place[1][1]
        if found is None:
            return
        account = view.row("serviceaccounts", (name, namespace.ACCOUNT)) is not None
        authority = view.row("configmaps", (name, namespace.ROOT_CA)) is not None
        certificate = self.settings.authority
        yield from namespace.furnished(found, account=account, authority=authority, certificate=certificate)
        yield from namespace.emptied(found, view.staying(name), left=bool(view.contents(name)))
