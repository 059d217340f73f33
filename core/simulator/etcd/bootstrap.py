"""How an etcd process finds its place: by its data directory, else by what it was told of the first or present members.

Source: etcd 3.6, server/etcdserver/bootstrap.go: with data the initial settings are not looked at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass

from core.simulator.etcd.ensemble import Ensemble
from core.simulator.etcd.member import Member, cluster_id, member_id


class StartFailed(Exception):
    """The process ends; the text is what it says last."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a process is told by its environment; `roster` maps the first (or present) members to their peer URL."""

    name: str
    data: str
    peer: str
    clients: tuple[str, ...]
    roster: dict[str, str]
    existing: bool
    token: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Configuration:
        """Take etcd's variables (etcd.io, "Configuration options") with etcd's own defaults."""
        name = environ.get("ETCD_NAME", "default")
        peer = environ.get("ETCD_INITIAL_ADVERTISE_PEER_URLS", "http://localhost:2380")
        roster = environ.get("ETCD_INITIAL_CLUSTER", f"{name}={peer}")
        return cls(
            name=name,
            data=environ.get("ETCD_DATA_DIR", f"{name}.etcd"),
            peer=peer,
            clients=tuple(environ.get("ETCD_ADVERTISE_CLIENT_URLS", "http://localhost:2379").split(",")),
            roster=dict(entry.partition("=")[::2] for entry in roster.split(",")),
            existing=environ.get("ETCD_INITIAL_CLUSTER_STATE", "new") == "existing",
            token=environ.get("ETCD_INITIAL_CLUSTER_TOKEN", "etcd-cluster"),
        )


@dataclass(frozen=True, slots=True)
class Identity:
    """What a data directory says of whose it is; kept at the head of the first log file."""

    cluster: int
    member: int

    def write(self) -> bytes:
        """As a file's content."""
        return json.dumps({"ClusterID": f"{self.cluster:x}", "NodeID": f"{self.member:x}"}).encode() + b"\n"

    @classmethod
    def read(cls, content: bytes) -> Identity:
        """Back from a file's content."""
        found = json.loads(content)
        return cls(int(found["ClusterID"], 16), int(found["NodeID"], 16))


Ensembles = MutableMapping[str, Ensemble]
"""The clusters there are, by their identity in hexadecimal."""


def key_of(ensemble: int) -> str:
    """A cluster's key in `Ensembles`."""
    return f"{ensemble:x}"


def enter(
    told: Configuration,
    data: Identity | None,
    ensembles: Ensembles,
    make: Callable[[str, list[Member]], Ensemble],
    kept: Callable[[int], bool],
) -> tuple[Ensemble, Member | None]:
    """Find the process's cluster and its member there; a first start makes both. None where it was removed.

    Args:
        make: builds a cluster of a token and its first members.
        kept: whether any machine has data of a cluster.

    Raises:
        StartFailed: what it was told does not fit what is there.
    """
    if data is not None:
        return _return(data, ensembles)
    if told.name not in told.roster:
        raise StartFailed(f"couldn't find local name {told.name!r} in the initial cluster configuration")
    return _join(told, ensembles) if told.existing else _begin(told, ensembles, make, kept)


def _return(data: Identity, ensembles: Ensembles) -> tuple[Ensemble, Member | None]:
    ensemble = ensembles.get(key_of(data.cluster))
    if ensemble is None:
        raise StartFailed(f"request cluster ID mismatch: no peer has the local cluster ID {data.cluster:x}")
    return ensemble, ensemble.members.get(data.member)


def _begin(
    told: Configuration,
    ensembles: Ensembles,
    make: Callable[[str, list[Member]], Ensemble],
    kept: Callable[[int], bool],
) -> tuple[Ensemble, Member]:
    first = [Member(member_id([peer], told.token), (peer,)) for peer in told.roster.values()]
    key = key_of(cluster_id(member.id for member in first))
    own = member_id([told.roster[told.name]], told.token)
    known = ensembles.get(key)
    if known is None or not _alive(known, kept):
        known = ensembles[key] = make(told.token, first)
    member = known.members.get(own)
    others_run = any(other.up for other in known.members.values() if other.id != own)
    if member is None or (member.started and others_run):
        raise StartFailed(f"member {own:x} has already been bootstrapped")
    return known, member


def _alive(ensemble: Ensemble, kept: Callable[[int], bool]) -> bool:
    """Whether anything is left of a cluster: a process that runs, or data that one can come back from."""
    return kept(ensemble.id) or any(member.process for member in ensemble.members.values())


def _join(told: Configuration, ensembles: Ensembles) -> tuple[Ensemble, Member]:
    others = {peer for name, peer in told.roster.items() if name != told.name}
    ensemble = next((each for each in ensembles.values() if _answers(each, others)), None)
    if ensemble is None:
        raise StartFailed(
            "cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs"
        )
    _compare(told, ensemble)
    return ensemble, next(m for m in ensemble.members.values() if told.roster[told.name] in m.peers)


def _answers(ensemble: Ensemble, peers: set[str]) -> bool:
    return any(member.up and peers & set(member.peers) for member in ensemble.members.values())


def _compare(told: Configuration, ensemble: Ensemble) -> None:
    """The roster must be exactly the cluster's (membership/cluster.go, ValidateClusterAndAssignIDs)."""
    known = [peer for member in ensemble.members.values() for peer in member.peers]
    problem = ""
    if len(known) != len(told.roster):
        problem = "member count is unequal"
    elif missing := sorted(set(known) - set(told.roster.values())):
        problem = f"PeerURLs: no match found for existing member ({missing[0]})"
    if problem:
        raise StartFailed(f"error validating peerURLs {sorted(known)}: {problem}")
