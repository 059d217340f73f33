"""The shapes of what says who may do what.

Source: k8s.io/api.
"""

from __future__ import annotations

import msgspec

from core.simulator.kubernetes.rules.pod_shapes import Anything, Condition, Metadata, Shape
from core.simulator.kubernetes.rules.workload_shapes import LabelSelector


class Rule(Shape):
    """What a role allows."""

    verbs: list[str]
    api_groups: list[str] | None = None
    resources: list[str] | None = None
    resource_names: list[str] | None = None
    non_resource_u_r_ls: list[str] = msgspec.field(default_factory=list, name="nonResourceURLs")


class Aggregation(Shape):
    """The roles of which a role is made."""

    cluster_role_selectors: list[LabelSelector] | None = None


class Role(Shape):
    """A Role or ClusterRole."""

    metadata: Metadata
    rules: list[Rule] | None = None
    aggregation_rule: Aggregation | None = None


class RoleReference(Shape):
    """The role that a binding gives."""

    kind: str
    name: str
    api_group: str = ""


class Subject(Shape):
    """Whom a binding gives it."""

    kind: str
    name: str
    namespace: str = ""
    api_group: str = ""


class Binding(Shape):
    """A RoleBinding or ClusterRoleBinding."""

    metadata: Metadata
    role_ref: RoleReference
    subjects: list[Subject] | None = None


class SigningStatus(Shape):
    """A CertificateSigningRequest's status."""

    conditions: list[Condition] | None = None
    certificate: str = ""


class SigningRequest(Shape):
    """A CertificateSigningRequest."""

    metadata: Metadata
    spec: Anything
    status: SigningStatus | None = None
