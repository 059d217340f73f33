"""What an environment looks like from outside: the one shape that the console and `status --json` show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Truth = Literal["True", "False", "Unknown"]
NodeRole = Literal["control-plane", "worker", "gateway", "docker-host"]


@dataclass(frozen=True, slots=True)
class ConditionStatus:
    """One thing that holds or does not, with a reason in one word and a message in a sentence."""

    type: str
    status: Truth
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """A machine of a cluster; `ready` is what Kubernetes says, `note` what is going on where it is not."""

    name: str
    role: NodeRole
    ready: bool
    address: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """An etcd member; a learner has no vote yet."""

    name: str
    learner: bool
    healthy: bool


@dataclass(frozen=True, slots=True)
class EtcdStatus:
    """The members of a cluster's etcd."""

    members: tuple[MemberStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """One Kubernetes pod behind a KubernetesPod component; `status` is the word that kubectl shows."""

    name: str
    status: str
    ready: bool
    node: str
    restarts: int
    age_seconds: int
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """A component with what is known of it; the parts that its kind does not have are empty.

    `workload` is the kind of the Kubernetes object that a pod is: Deployment, ReplicationController, Pod.
    """

    name: str
    kind: str
    conditions: tuple[ConditionStatus, ...] = ()
    version: str = ""
    network: str = ""
    cluster: str = ""
    workload: str = ""
    workers: int = 0
    workers_max: int = 0
    gateways: int = 0
    gateways_max: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    nodes: tuple[NodeStatus, ...] = ()
    etcd: EtcdStatus = field(default_factory=EtcdStatus)
    instances: tuple[InstanceStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """An environment with its components.

    `status` is one of "new", "pending", "deploying", "ready", "deploy failure", "deleting", "delete failure";
    `deployed` says that it was deployed at least once, `draft` that what is declared differs from what is deployed.
    `taken` is the time of this look, in seconds since the epoch; `trouble` is a sentence where a part could not be
    looked at.
    """

    environment: str
    status: str
    provider: str
    simulated: bool
    components: tuple[ComponentStatus, ...] = ()
    deployed: bool = False
    draft: bool = False
    taken: float = 0.0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class EndpointStatus:
    """Where an application can be reached, as `endpoints --json` lists it."""

    component: str
    application: str
    address: str
    port: int
    scope: str
    port_scope: str
    container_port: int
    protocol: str
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class UsageStatus:
    """What an application's container on a Docker host uses, as `stats --json` lists it.

    `cpu` is in processors, memory and traffic in bytes; no `memory_limit` of its own is that of the machine.
    """

    component: str
    application: str
    cpu: float
    memory: int
    memory_limit: int
    received: int
    sent: int
    processes: int


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A line of a deployment's report; `id` grows, `time` is seconds since the epoch."""

    id: int
    time: float
    component: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class DeploymentStatus:
    """One run: its number in the environment, what it did, how it ended; times in seconds since the epoch."""

    number: int
    action: str
    state: str
    started: float
    ended: float | None
    owner: str
