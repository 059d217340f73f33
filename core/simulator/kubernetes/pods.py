"""A pod as controllers, the scheduler and the kubelets look at it: only what they decide upon.

Rows are decoded straight from the JSON that is kept; a cluster's thousands of pods fit in a few megabytes.
"""

from __future__ import annotations

import msgspec

from core.simulator.kubernetes.shape import Key, Object, moment_of

FINISHED = ("Succeeded", "Failed")


class _Part(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A part of a row."""


class OwnerRow(_Part, frozen=True):
    """An owner reference."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class MetaRow(_Part, frozen=True):
    """What every object has."""

    name: str
    namespace: str = ""
    uid: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[OwnerRow, ...] = ()
    finalizers: tuple[str, ...] = ()
    creation_timestamp: str = ""
    deletion_timestamp: str = ""


class PortRow(_Part, frozen=True):
    """A container's port."""

    container_port: int
    name: str = ""
    host_port: int = 0
    protocol: str = "TCP"


class ResourcesRow(_Part, frozen=True):
    """What a container asks for."""

    requests: dict[str, str | int | float] | None = None
    limits: dict[str, str | int | float] | None = None


class ContainerRow(_Part, frozen=True):
    """A container that a pod declares."""

    name: str
    ports: tuple[PortRow, ...] = ()
    resources: ResourcesRow = ResourcesRow()


class TolerationRow(_Part, frozen=True):
    """A taint that a pod bears, for `toleration_seconds` or for ever."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""
    toleration_seconds: float | None = None


class _Field(_Part, frozen=True):
    """What a field of a node must be."""

    key: str = ""
    values: tuple[str, ...] = ()


class _Term(_Part, frozen=True):
    match_fields: tuple[_Field, ...] = ()


class _Required(_Part, frozen=True):
    node_selector_terms: tuple[_Term, ...] = ()


class _NodeAffinity(_Part, frozen=True):
    required_during_scheduling_ignored_during_execution: _Required = _Required()


class _Affinity(_Part, frozen=True):
    """Where a pod wants to be, as far as it names the node itself: a DaemonSet's pods do."""

    node_affinity: _NodeAffinity | None = None


class SpecRow(_Part, frozen=True):
    """What a pod shall run, and where."""

    node_name: str = ""
    containers: tuple[ContainerRow, ...] = ()
    tolerations: tuple[TolerationRow, ...] = ()
    hostname: str = ""
    subdomain: str = ""
    priority: int = 0
    scheduler_name: str = ""
    affinity: _Affinity | None = None


class ConditionRow(_Part, frozen=True):
    """A condition."""

    type: str
    status: str
    last_transition_time: str = ""


class StatusRow(_Part, frozen=True):
    """What is known of a pod."""

    phase: str = "Pending"
    pod_ip: str = msgspec.field(default="", name="podIP")
    conditions: tuple[ConditionRow, ...] = ()


class PodRow(_Part, frozen=True):
    """A pod. Two rows are equal where nothing differs that anybody here decides upon."""

    metadata: MetaRow
    spec: SpecRow = SpecRow()
    status: StatusRow = StatusRow()

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return self.metadata.namespace, self.metadata.name

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def uid(self) -> str:
        return self.metadata.uid

    @property
    def labels(self) -> dict[str, str]:
        """The labels; not to be mutated."""
        return self.metadata.labels or {}

    @property
    def node(self) -> str:
        """The node it is bound to, empty for none."""
        return self.spec.node_name

    @property
    def meant_for(self) -> str:
        """The only node that a pod may run on, empty where it may on others."""
        affinity = self.spec.affinity.node_affinity if self.spec.affinity else None
        terms = affinity.required_during_scheduling_ignored_during_execution.node_selector_terms if affinity else ()
        fields = [field for term in terms for field in term.match_fields if field.key == "metadata.name"]
        return fields[0].values[0] if fields and fields[0].values else ""

    @property
    def phase(self) -> str:
        return self.status.phase

    @property
    def leaving(self) -> bool:
        """Whether it is on its way out."""
        return self.metadata.deletion_timestamp != ""

    @property
    def finished(self) -> bool:
        """Whether all its containers have ended for good."""
        return self.status.phase in FINISHED

    @property
    def active(self) -> bool:
        """Whether it counts as a replica: neither ended nor leaving."""
        return not self.leaving and not self.finished

    @property
    def ready(self) -> bool:
        """Whether it says that it is ready."""
        found = self.condition("Ready")
        return found is not None and found.status == "True"

    @property
    def owner(self) -> OwnerRow | None:
        """The controller, if it has one."""
        return next((owner for owner in self.metadata.owner_references if owner.controller), None)

    def condition(self, kind: str) -> ConditionRow | None:
        """One of its conditions."""
        return next((found for found in self.status.conditions if found.type == kind), None)

    def available_in(self, min_ready: int, now: float) -> float | None:
        """Seconds until it has been ready for `min_ready` seconds, 0 where it has; None where it is not ready."""
        found = self.condition("Ready")
        if found is None or found.status != "True":
            return None
        if not min_ready:
            return 0.0
        return max(0.0, moment_of(found.last_transition_time) + min_ready - now)

    def available(self, min_ready: int, now: float) -> bool:
        """Whether it has been ready for `min_ready` seconds."""
        return self.available_in(min_ready, now) == 0

    def reference(self) -> Object:
        """What events say that they are about."""
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "namespace": self.metadata.namespace,
            "name": self.metadata.name,
            "uid": self.metadata.uid,
        }


_decoder = msgspec.json.Decoder(PodRow)


def pod_row(raw: bytes) -> PodRow:
    """The row of a pod's JSON."""
    return _decoder.decode(raw)
