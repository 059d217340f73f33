"""Kubernetes objects as small typed rows: only the fields that are shown or decided upon.

Decoding straight into these structs never builds the dictionaries that the generated client models are made from.
Fields are named as in the API; a field that the API may leave out has its zero value.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec

_ABBREVIATIONS = {"ip": "IP", "cidr": "CIDR", "id": "ID"}


def _api_name(field: str) -> str:
    """A field's name in the API: camel case, abbreviations at the end in capitals (pod_ip → podIP)."""
    first, *others = field.split("_")
    return first + "".join(_ABBREVIATIONS.get(word, word.capitalize()) for word in others)


class _Part(msgspec.Struct, frozen=True, rename=_api_name, gc=False):
    """A part of an object; never part of a reference cycle, so the collector need not look at it."""


class Owner(_Part, frozen=True):
    """A controller or another owner of an object."""

    kind: str
    name: str
    uid: str = ""
    controller: bool = False


class Metadata(_Part, frozen=True):
    """What every object has."""

    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[Owner, ...] = ()


class Row(Protocol):
    """Any row: what watches need of it."""

    @property
    def metadata(self) -> Metadata: ...


class Condition(_Part, frozen=True):
    """One of an object's conditions; `status` is "True", "False" or "Unknown"."""

    type: str
    status: str
    reason: str = ""
    message: str = ""


class AnyRow(_Part, frozen=True):
    """An object of which only the metadata matters."""

    metadata: Metadata


class Taint(_Part, frozen=True):
    """Keeps pods that do not tolerate it away from a node."""

    key: str
    effect: str
    value: str = ""


class Address(_Part, frozen=True):
    """An address of a node; `type` is "InternalIP", "ExternalIP" or "Hostname"."""

    type: str
    address: str


class NodeInfo(_Part, frozen=True):
    """The software that a node runs."""

    kubelet_version: str = ""
    container_runtime_version: str = ""
    kernel_version: str = ""
    os_image: str = ""


class NodeSpec(_Part, frozen=True):
    """What is wanted of a node."""

    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    pod_cidr: str = ""


class NodeStatus(_Part, frozen=True):
    """What a node's kubelet says."""

    conditions: tuple[Condition, ...] = ()
    addresses: tuple[Address, ...] = ()
    node_info: NodeInfo = NodeInfo()


class NodeRow(_Part, frozen=True):
    """A node."""

    metadata: Metadata
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()


class Waiting(_Part, frozen=True):
    """Why a container does not run yet."""

    reason: str = ""
    message: str = ""


class Running(_Part, frozen=True):
    """Since when a container runs."""

    started_at: datetime | None = None


class Terminated(_Part, frozen=True):
    """How a container ended."""

    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    container_id: str = ""


class ContainerState(_Part, frozen=True):
    """One of the three is set; none while nothing is known."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(_Part, frozen=True):
    """What the kubelet says of a container; `container_id` is "runtime://id"."""

    name: str
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    image: str = ""
    container_id: str = ""
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class Container(_Part, frozen=True):
    """A container that a pod declares."""

    name: str
    image: str = ""
    restart_policy: str = ""


class Volume(_Part, frozen=True):
    """A volume of a pod; of its sources only the one that is lost with the pod matters."""

    name: str
    empty_dir: dict[str, object] | None = None


class PodSpec(_Part, frozen=True):
    """What a pod shall run, and where."""

    node_name: str = ""
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    host_network: bool = False


class PodStatus(_Part, frozen=True):
    """What is known of a pod."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = ""
    host_ip: str = ""
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


class PodRow(_Part, frozen=True):
    """A pod."""

    metadata: Metadata
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class WorkloadSpec(_Part, frozen=True):
    """How many replicas are wanted; the API's default is one."""

    replicas: int = 1
    paused: bool = False


class WorkloadStatus(_Part, frozen=True):
    """How far a Deployment, ReplicaSet, ReplicationController or StatefulSet has come."""

    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: tuple[Condition, ...] = ()


class DeploymentRow(_Part, frozen=True):
    """A Deployment."""

    metadata: Metadata
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class ReplicationControllerRow(_Part, frozen=True):
    """A ReplicationController; it has no count of updated replicas."""

    metadata: Metadata
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class ServicePort(_Part, frozen=True):
    """A port of a service; `target_port` is a number or a container port's name."""

    port: int
    name: str = ""
    protocol: str = "TCP"
    target_port: int | str = 0
    node_port: int = 0


class ServiceSpec(_Part, frozen=True):
    """What a service forwards; a headless one's address is "None"."""

    type: str = "ClusterIP"
    cluster_ip: str = ""
    ports: tuple[ServicePort, ...] = ()
    selector: dict[str, str] = {}


class ServiceRow(_Part, frozen=True):
    """A Service."""

    metadata: Metadata
    spec: ServiceSpec = ServiceSpec()


class ObjectReference(_Part, frozen=True):
    """The object that an event is about."""

    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""


class EventSeries(_Part, frozen=True):
    """An event that came again and again."""

    count: int = 0
    last_observed_time: datetime | None = None


class EventRow(_Part, frozen=True):
    """An event; `type` is "Normal" or "Warning"."""

    metadata: Metadata
    involved_object: ObjectReference = ObjectReference()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    series: EventSeries | None = None
