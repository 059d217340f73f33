"""What is seen inside gateways, etcd and metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServerView:
    """A backend's server in HAProxy: its health word ("UP", "DOWN", "MAINT"), sessions, bytes."""

    name: str
    address: str
    status: str
    check: str
    sessions: int
    sessions_total: int
    bytes_in: int
    bytes_out: int
    seconds_since_change: int


@dataclass(frozen=True, slots=True)
class ProxyView:
    """A frontend with the backend that it leads to; rates are per second."""

    name: str
    bind: str
    service: str
    status: str
    sessions: int
    sessions_max: int
    sessions_limit: int
    sessions_total: int
    rate: int
    rate_max: int
    bytes_in: int
    bytes_out: int
    servers: tuple[ServerView, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicationView:
    """A published port, as the gateway's agent tells of it; `message` says why one is not served."""

    service: str
    port: int
    protocol: str
    public_port: int | None
    state: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class GatewayView:
    """A gateway: HAProxy itself, its frontends, what is published, and why it was last reloaded.

    `taken` is the time of the look, `reloaded` that of the last reload, in seconds since the epoch.
    """

    name: str
    version: str
    uptime: int
    connections: int
    connections_limit: int
    rate: int
    proxies: tuple[ProxyView, ...]
    publications: tuple[PublicationView, ...]
    reload_reason: str
    reloaded: float | None
    api_connected: bool
    trouble: str
    taken: float


@dataclass(frozen=True, slots=True)
class MemberView:
    """An etcd member: sizes in bytes, `latency` of its answer in seconds, None where it gave none."""

    id: str
    name: str
    endpoint: str
    learner: bool
    leader: bool
    version: str
    db_size: int
    db_in_use: int
    raft_index: int
    raft_term: int
    latency: float | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class EtcdView:
    """A cluster's etcd; `alarms` are its own words ("NOSPACE on kube-1")."""

    members: tuple[MemberView, ...]
    alarms: tuple[str, ...]
    quorum: int
    tolerates: int
    taken: float


@dataclass(frozen=True, slots=True)
class UsagePoint:
    """CPU in cores and memory in bytes, at a time in seconds since the epoch."""

    time: float
    cpu: float
    memory: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What nodes (by name) and pods (by "namespace/name") use, each with its newest points, oldest first.

    `available` is False where the cluster serves no metrics; `reason` says so in a sentence.
    """

    available: bool
    reason: str = ""
    nodes: Mapping[str, tuple[UsagePoint, ...]] = field(default_factory=dict)
    pods: Mapping[str, tuple[UsagePoint, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reachability:
    """Whether an endpoint answers from here, None where that cannot be known; `seconds` it took, `text` says why."""

    reachable: bool | None
    seconds: float | None
    text: str
