"""The shapes of pods and pod templates: types of the fields that are looked at anywhere.

What is not named here may be anything. Source: k8s.io/api/core/v1.
"""

from __future__ import annotations

from typing import Any

import msgspec

Anything = dict[str, Any]
Texts = dict[str, str]
Quantities = dict[str, str | int | float]
IntOrText = int | str


class Shape(msgspec.Struct, rename="camel", gc=False):
    """A part of an object with fields in Kubernetes' spelling; those that are left out are right."""


class Owner(Shape):
    """An owner reference."""

    kind: str
    name: str
    uid: str
    api_version: str = ""
    controller: bool = False
    block_owner_deletion: bool = False


class Metadata(Shape):
    """An object's metadata."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str = ""
    deletion_timestamp: str = ""
    deletion_grace_period_seconds: int = 0
    labels: Texts | None = None
    annotations: Texts | None = None
    finalizers: list[str] | None = None
    owner_references: list[Owner] | None = None
    managed_fields: list[Anything] | None = None


class Condition(Shape):
    """A condition in a status."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    last_transition_time: str = ""


class Port(Shape):
    """A container's port."""

    container_port: int = 0
    name: str = ""
    protocol: str = "TCP"
    host_port: int = 0


class Variable(Shape):
    """An environment variable."""

    name: str = ""
    value: str = ""
    value_from: dict[str, Anything] | None = None


class Mount(Shape):
    """Where a volume is in a container."""

    name: str = ""
    mount_path: str = ""
    read_only: bool = False


class HttpGet(Shape):
    """A probe by HTTP."""

    path: str = "/"
    port: IntOrText = 0
    scheme: str = "HTTP"


class Probe(Shape):
    """A probe."""

    http_get: HttpGet | None = None
    tcp_socket: Anything | None = None
    exec: Anything | None = None
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    failure_threshold: int = 3
    success_threshold: int = 1


class Resources(Shape):
    """What a container wants and may use."""

    requests: Quantities | None = None
    limits: Quantities | None = None


class Container(Shape):
    """A container."""

    name: str = ""
    image: str = ""
    image_pull_policy: str = ""
    command: list[str] | None = None
    args: list[str] | None = None
    env: list[Variable] | None = None
    env_from: list[Anything] | None = None
    ports: list[Port] | None = None
    resources: Resources | None = None
    volume_mounts: list[Mount] | None = None
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    startup_probe: Probe | None = None
    security_context: Anything | None = None
    lifecycle: Anything | None = None
    tty: bool = False
    stdin: bool = False


class Toleration(Shape):
    """What a pod puts up with."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str | None = None
    toleration_seconds: int | None = None


class Gate(Shape):
    """A condition without which a pod is not ready."""

    condition_type: str


class Volume(Shape):
    """A volume."""

    name: str = ""
    config_map: Anything | None = None
    secret: Anything | None = None
    projected: Anything | None = None
    downward_a_p_i: Anything = msgspec.field(default_factory=dict, name="downwardAPI")
    host_path: Anything | None = None
    empty_dir: Anything | None = None
    persistent_volume_claim: Anything | None = None


class PodSpec(Shape):
    """What is wanted of a pod."""

    containers: list[Container] | None = None
    init_containers: list[Container] | None = None
    volumes: list[Volume] | None = None
    node_name: str = ""
    node_selector: Texts | None = None
    affinity: Anything | None = None
    tolerations: list[Toleration] | None = None
    topology_spread_constraints: list[Anything] | None = None
    readiness_gates: list[Gate] | None = None
    restart_policy: str = ""
    dns_policy: str = ""
    scheduler_name: str = ""
    service_account_name: str = ""
    service_account: str = ""
    priority_class_name: str = ""
    priority: int = 0
    termination_grace_period_seconds: int = 30
    active_deadline_seconds: int | None = None
    host_network: bool = False
    security_context: Anything | None = None
    image_pull_secrets: list[Anything] | None = None
    hostname: str = ""
    subdomain: str = ""


class Ended(Shape):
    """How a container's run ended."""

    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: str = ""
    finished_at: str = ""


class Waiting(Shape):
    """Why a container does not run yet."""

    reason: str = ""
    message: str = ""


class State(Shape):
    """What a container does."""

    waiting: Waiting | None = None
    running: Anything | None = None
    terminated: Ended | None = None


class ContainerStatus(Shape):
    """A container's status."""

    name: str
    ready: bool = False
    restart_count: int = 0
    state: State | None = None
    last_state: State | None = None


class PodStatus(Shape):
    """A pod's status."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_i_p: str = msgspec.field(default="", name="podIP")
    host_i_p: str = msgspec.field(default="", name="hostIP")
    nominated_node_name: str = ""
    conditions: list[Condition] | None = None
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None


class Pod(Shape):
    """A pod."""

    metadata: Metadata
    spec: PodSpec
    status: PodStatus | None = None


class Template(Shape):
    """A pod template."""

    metadata: Metadata | None = None
    spec: PodSpec | None = None
