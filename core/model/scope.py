"""How far a port is visible, and over which protocol."""

from __future__ import annotations

from enum import Enum
from functools import total_ordering


@total_ordering
class Scope(Enum):
    """From the narrowest to the widest: each scope includes all that are narrower.

    `host` is the same pod or server, `internal` the same cluster, `cloud` the same network of machines, `public`
    everything that reaches a gateway's public address.
    """

    HOST = "host"
    INTERNAL = "internal"
    CLOUD = "cloud"
    PUBLIC = "public"

    width: int
    """The place in the order, 0 for the narrowest."""

    def __init__(self, _: str) -> None:
        self.width = len(type(self).__members__)

    def includes(self, other: Scope) -> bool:
        """Whether who may use this scope may use the other, too."""
        return other <= self

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Scope):
            return NotImplemented
        return self.width < other.width

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return str(self.value)


class Protocol(Enum):
    """A transport protocol."""

    TCP = "TCP"
    UDP = "UDP"

    def __str__(self) -> str:
        return self.value
