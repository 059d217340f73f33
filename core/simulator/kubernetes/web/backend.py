"""What all answers are made with."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.simulator.kubernetes.access.rules import Authorizer
from core.simulator.kubernetes.access.users import Tokens
from core.simulator.kubernetes.addresses import ServiceAddresses
from core.simulator.kubernetes.history import Subscription
from core.simulator.kubernetes.hooks import Hooks
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.settings import ServerSettings


@dataclass
class Backend:
    """A cluster's objects with what decides about them; `watches` are the subscriptions of open watches."""

    objects: Objects
    settings: ServerSettings
    hooks: Hooks
    authorizer: Authorizer
    tokens: Tokens
    addresses: ServiceAddresses
    watches: set[Subscription] = field(default_factory=set)

    def close(self) -> None:
        """End all watches and stop listening."""
        for watch in list(self.watches):
            watch.close()
        self.authorizer.close()
