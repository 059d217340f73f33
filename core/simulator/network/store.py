"""A network's way to its keys in etcd, with the certificate it was given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.simulator.etcd.control.client import Client, Machine, World
from core.simulator.etcd.control.options import Misused, Options
from core.simulator.etcd.keys import Pair, Range
from core.simulator.etcd.words import EtcdError


class NoAddresses(Exception):
    """The pod network has none left."""


StoreErrors = (EtcdError, Misused, NoAddresses)
"""What keeps a network from its addresses: etcd refuses, a file is missing, none is left; the text says which.

Every method of `Store` raises the first two.
"""


@dataclass(frozen=True, slots=True)
class Access:
    """Where etcd is, and the files that open it."""

    endpoints: str
    authority: str
    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Store:
    """Keys and values as one user sees them. Every method raises one of `StoreErrors`."""

    client: Client

    @classmethod
    def open(cls, world: World, machine: Machine, access: Access) -> Store:
        """The store as reached from a machine."""
        flags = {"endpoints": access.endpoints, "cacert": access.authority, "cert": access.certificate}
        return cls(Client(world, machine, Options((), flags | {"key": access.key})))

    def get(self, key: str) -> str | None:
        """A value, None where there is none."""
        found = self.under(key, prefix=False)
        return found[0].value if found else None

    def under(self, key: str, *, prefix: bool = True) -> list[Pair]:
        """The pairs whose key begins so."""
        wanted = Range.of(key, prefix=prefix)
        ensemble, _ = self.client.use(wanted, write=False)
        return ensemble.keys.get(wanted)

    def put(self, key: str, value: Any) -> None:
        """Set a key to a text, or to anything else as JSON."""
        ensemble, _ = self.client.use(Range(key), write=True)
        ensemble.keys.put(key, value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))
        ensemble.tell()

    def delete(self, key: str, *, prefix: bool = False) -> int:
        """Remove a key, or all that begin so; gives how many."""
        wanted = Range.of(key, prefix=prefix)
        ensemble, _ = self.client.use(wanted, write=True)
        deleted = ensemble.keys.delete(wanted)
        ensemble.tell()
        return deleted
