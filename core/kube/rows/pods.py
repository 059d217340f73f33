"""Pods and their containers."""

from __future__ import annotations

from datetime import datetime

from core.kube.rows.parts import Condition, Metadata, Part


class Waiting(Part, frozen=True):
    """Why a container does not run yet."""

    reason: str = ""
    message: str = ""


class Running(Part, frozen=True):
    """Since when a container runs."""

    started_at: datetime | None = None


class Terminated(Part, frozen=True):
    """How a container ended."""

    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    container_id: str = ""


class ContainerState(Part, frozen=True):
    """One of the three is set; none while nothing is known."""

    waiting: Waiting | None = None
    running: Running | None = None
    terminated: Terminated | None = None


class ContainerStatus(Part, frozen=True):
    """What the kubelet says of a container; `container_id` is "runtime://id"."""

    name: str
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    image: str = ""
    container_id: str = ""
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()


class Container(Part, frozen=True):
    """A container that a pod declares."""

    name: str
    image: str = ""
    restart_policy: str = ""


class Volume(Part, frozen=True):
    """A volume of a pod; of its sources only the one that is lost with the pod matters."""

    name: str
    empty_dir: dict[str, object] | None = None


class PodSpec(Part, frozen=True):
    """What a pod shall run, and where."""

    node_name: str = ""
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    host_network: bool = False


class PodStatus(Part, frozen=True):
    """What is known of a pod."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    pod_ip: str = ""
    host_ip: str = ""
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


class PodRow(Part, frozen=True):
    """A pod."""

    metadata: Metadata
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()
