"""The shapes of Services and what belongs to them.

Source: k8s.io/api.
"""

from __future__ import annotations

import msgspec

from core.simulator.kubernetes.rules.pod_shapes import Anything, IntOrText, Metadata, Shape, Texts
from core.simulator.kubernetes.rules.workload_shapes import LabelSelector


class ServicePort(Shape):
    """A Service's port."""

    port: int
    name: str = ""
    protocol: str = "TCP"
    target_port: IntOrText = 0
    node_port: int = 0


class ServiceSpec(Shape):
    """What is wanted of a Service."""

    type: str = "ClusterIP"
    selector: Texts | None = None
    ports: list[ServicePort] | None = None
    cluster_i_p: str = msgspec.field(default="", name="clusterIP")
    cluster_i_ps: list[str] = msgspec.field(default_factory=list, name="clusterIPs")
    external_i_ps: list[str] = msgspec.field(default_factory=list, name="externalIPs")
    external_name: str = ""


class Balancer(Shape):
    """Where a load balancer is."""

    ingress: list[Anything] | None = None


class BalancedStatus(Shape):
    """The status of a Service or an Ingress."""

    load_balancer: Balancer | None = None


class Service(Shape):
    """A Service."""

    metadata: Metadata
    spec: ServiceSpec
    status: BalancedStatus | None = None


class Subset(Shape):
    """Endpoints with the same ports."""

    addresses: list[Anything] | None = None
    ports: list[Anything] | None = None


class Endpoints(Shape):
    """A Service's endpoints, in the old form."""

    metadata: Metadata
    subsets: list[Subset] | None = None


class Endpoint(Shape):
    """Where a Service's traffic goes."""

    addresses: list[str]
    conditions: dict[str, bool] | None = None


class SlicePort(Shape):
    """A port of endpoints."""

    port: int | None = None
    name: str = ""
    protocol: str = "TCP"


class EndpointSlice(Shape):
    """A Service's endpoints."""

    metadata: Metadata
    address_type: str
    endpoints: list[Endpoint] | None = None
    ports: list[SlicePort] | None = None


class PolicySpec(Shape):
    """What is wanted of a NetworkPolicy."""

    pod_selector: LabelSelector | None = None
    policy_types: list[str] | None = None
    egress: list[Anything] | None = None
    ingress: list[Anything] | None = None


class Policy(Shape):
    """A NetworkPolicy."""

    metadata: Metadata
    spec: PolicySpec | None = None


class IngressSpec(Shape):
    """What is wanted of an Ingress."""

    ingress_class_name: str = ""
    rules: list[Anything] | None = None
    tls: list[Anything] | None = None


class Ingress(Shape):
    """An Ingress."""

    metadata: Metadata
    spec: IngressSpec | None = None
    status: BalancedStatus | None = None
