"""The shapes of nodes, namespaces, storage, events and custom kinds.

Source: k8s.io/api.
"""

from __future__ import annotations

import msgspec

from core.simulator.kubernetes.rules.pod_shapes import Anything, Condition, Metadata, Quantities, Shape, Texts


class NodeSpec(Shape):
    """What is wanted of a node."""

    unschedulable: bool = False
    taints: list[Texts] | None = None
    pod_c_i_d_r: str = msgspec.field(default="", name="podCIDR")


class Address(Shape):
    """One of a node's addresses."""

    type: str
    address: str


class NodeStatus(Shape):
    """A node's status."""

    conditions: list[Condition] | None = None
    addresses: list[Address] | None = None
    capacity: Quantities | None = None
    allocatable: Quantities | None = None
    node_info: Anything | None = None


class Node(Shape):
    """A node."""

    metadata: Metadata
    spec: NodeSpec | None = None
    status: NodeStatus | None = None


class PhaseStatus(Shape):
    """A status with a phase."""

    phase: str = ""
    conditions: list[Condition] | None = None
    capacity: Quantities | None = None
    access_modes: list[str] | None = None


class NamespaceSpec(Shape):
    """What is wanted of a namespace."""

    finalizers: list[str] | None = None


class Namespace(Shape):
    """A namespace."""

    metadata: Metadata
    spec: NamespaceSpec | None = None
    status: PhaseStatus | None = None


class Reference(Shape):
    """A reference to an object."""

    kind: str = ""
    namespace: str = ""
    name: str = ""


class StorageSpec(Shape):
    """What is wanted of a volume, or claimed."""

    access_modes: list[str] | None = None
    capacity: Quantities | None = None
    claim_ref: Reference | None = None


class Storage(Shape):
    """A PersistentVolume or its claim."""

    metadata: Metadata
    spec: StorageSpec | None = None
    status: PhaseStatus | None = None


class ConfigMap(Shape):
    """A ConfigMap."""

    metadata: Metadata
    data: Texts | None = None
    binary_data: Texts | None = None
    immutable: bool = False


class Secret(Shape):
    """A Secret."""

    metadata: Metadata
    data: Texts | None = None
    string_data: Texts | None = None
    type: str = "Opaque"
    immutable: bool = False


class Involved(Reference):
    """What an event is about."""

    uid: str = ""
    field_path: str = ""


class Series(Shape):
    """How often an event happened."""

    count: int = 1
    last_observed_time: str = ""


class EventShape(Shape):
    """An event."""

    metadata: Metadata
    involved_object: Involved | None = None
    source: Texts | None = None
    series: Series | None = None
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int = 1
    first_timestamp: str = ""
    last_timestamp: str = ""
    event_time: str = ""


class Names(Shape):
    """What a custom kind is called."""

    plural: str
    kind: str
    singular: str = ""
    short_names: list[str] | None = None
    categories: list[str] | None = None


class PrinterColumn(Shape):
    """A column of a custom kind's table."""

    name: str
    type: str
    json_path: str
    priority: int = 0


class Version(Shape):
    """A version of a custom kind."""

    name: str
    served: bool = True
    storage: bool = False
    subresources: dict[str, Anything] | None = None
    additional_printer_columns: list[PrinterColumn] | None = None


class DefinitionSpec(Shape):
    """What is wanted of a custom kind."""

    group: str
    scope: str
    names: Names
    versions: list[Version]


class ConditionedStatus(Shape):
    """A status with conditions."""

    conditions: list[Condition] | None = None


class Definition(Shape):
    """A CustomResourceDefinition."""

    metadata: Metadata
    spec: DefinitionSpec
    status: ConditionedStatus | None = None


class Hooks(Shape):
    """A webhook configuration."""

    metadata: Metadata
    webhooks: list[Anything] | None = None


class Plain(Shape):
    """What is looked at in nothing else."""

    metadata: Metadata
    spec: Anything | None = None
    status: ConditionedStatus | None = None


class Custom(Shape):
    """A custom resource: whatever its definition says."""

    metadata: Metadata
