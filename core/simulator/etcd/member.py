"""One member of an etcd cluster, and the process that runs for it at the moment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """An etcd process.

    `address` is its machine's, `since` when it began on the cluster's clock; `reachable` tells whether its machine
    can be reached now. It shows its `certificate` (PEM) and lets in whom its `authority` knows.
    """

    name: str
    address: str
    clients: tuple[str, ...]
    since: float
    reachable: Callable[[], bool]
    certificate: bytes = b""
    authority: bytes = b""


@dataclass(slots=True)
class Member:
    """A member as the cluster knows it: `name` and `clients` are empty until its process joined for the first time."""

    id: int
    peers: tuple[str, ...]
    name: str = ""
    clients: tuple[str, ...] = ()
    learner: bool = False
    process: Process | None = None

    @property
    def up(self) -> bool:
        """Whether its process runs where others reach it."""
        return self.process is not None and self.process.reachable()

    @property
    def started(self) -> bool:
        """Whether it ever joined."""
        return bool(self.name)


def member_id(peers: Iterable[str], token: str, moment: str = "") -> int:
    """A member's identity: of its peer URLs and the cluster's token, and of the moment where it was added later.

    Source: etcd's membership/member.go, computeMemberID.
    """
    return _number("".join(sorted(peers)) + token + moment)


def cluster_id(members: Iterable[int]) -> int:
    """A cluster's identity: of its first members' (membership/cluster.go, genID)."""
    return _number(b"".join(member.to_bytes(8, "big") for member in sorted(members)))


def _number(text: str | bytes) -> int:
    raw = text.encode() if isinstance(text, str) else text
    return int.from_bytes(hashlib.sha1(raw, usedforsecurity=False).digest()[:8], "big")
