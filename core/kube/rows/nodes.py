"""Nodes."""

from __future__ import annotations

from core.kube.rows.parts import Condition, Metadata, Part


class Taint(Part, frozen=True):
    """Keeps pods that do not tolerate it away from a node."""

    key: str
    effect: str
    value: str = ""


class Address(Part, frozen=True):
    """An address of a node; `type` is "InternalIP", "ExternalIP" or "Hostname"."""

    type: str
    address: str


class NodeInfo(Part, frozen=True):
    """The software that a node runs."""

    kubelet_version: str = ""
    container_runtime_version: str = ""
    kernel_version: str = ""
    os_image: str = ""


class NodeSpec(Part, frozen=True):
    """What is wanted of a node."""

    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()
    pod_cidr: str = ""


class NodeStatus(Part, frozen=True):
    """What a node's kubelet says."""

    conditions: tuple[Condition, ...] = ()
    addresses: tuple[Address, ...] = ()
    node_info: NodeInfo = NodeInfo()


class NodeRow(Part, frozen=True):
    """A node."""

    metadata: Metadata
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()
