"""What leads to pods."""

from __future__ import annotations

from core.kube.rows.parts import Metadata, Part


class ServicePort(Part, frozen=True):
    """A port of a service; `target_port` is a number or a container port's name."""

    port: int
    name: str = ""
    protocol: str = "TCP"
    target_port: int | str = 0
    node_port: int = 0


class ServiceSpec(Part, frozen=True):
    """What a service forwards; a headless one's address is "None"."""

    type: str = "ClusterIP"
    cluster_ip: str = ""
    ports: tuple[ServicePort, ...] = ()
    selector: dict[str, str] = {}
    external_ips: tuple[str, ...] = ()
    external_name: str = ""


class LoadBalancerIngress(Part, frozen=True):
    """An address that a load balancer has, or its name."""

    ip: str = ""
    hostname: str = ""


class LoadBalancer(Part, frozen=True):
    """Where something is reached from outside."""

    ingress: tuple[LoadBalancerIngress, ...] = ()


class Outside(Part, frozen=True):
    """The status of a service or an ingress."""

    load_balancer: LoadBalancer = LoadBalancer()


class ServiceRow(Part, frozen=True):
    """A Service."""

    metadata: Metadata
    spec: ServiceSpec = ServiceSpec()
    status: Outside = Outside()


class EndpointPort(Part, frozen=True):
    """A port of a slice; None stands for every port."""

    port: int | None = None
    name: str = ""
    protocol: str = "TCP"


class EndpointConditions(Part, frozen=True):
    """Whether an endpoint takes traffic; None is as good as true."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(Part, frozen=True):
    """A pod behind a service."""

    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()
    node_name: str = ""


class EndpointSliceRow(Part, frozen=True):
    """An EndpointSlice; the API may say null for no endpoints and no ports."""

    metadata: Metadata
    address_type: str = ""
    endpoints: tuple[Endpoint, ...] | None = None
    ports: tuple[EndpointPort, ...] | None = None


class BackendPort(Part, frozen=True):
    """A service's port by number or by name."""

    number: int = 0
    name: str = ""


class BackendService(Part, frozen=True):
    """The service that an ingress leads to."""

    name: str
    port: BackendPort = BackendPort()


class Backend(Part, frozen=True):
    """Where an ingress leads; a `service` is not the only possibility."""

    service: BackendService | None = None


class IngressPath(Part, frozen=True):
    """A path of a host."""

    backend: Backend
    path: str = ""


class HttpRules(Part, frozen=True):
    """The paths of a host."""

    paths: tuple[IngressPath, ...] = ()


class IngressRule(Part, frozen=True):
    """A host with its paths, "" for all hosts."""

    host: str = ""
    http: HttpRules = HttpRules()


class IngressTls(Part, frozen=True):
    """Hosts with the secret that has their certificate."""

    hosts: tuple[str, ...] = ()
    secret_name: str = ""


class IngressSpec(Part, frozen=True):
    """What an ingress lets in."""

    ingress_class_name: str = ""
    default_backend: Backend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTls, ...] = ()


class IngressRow(Part, frozen=True):
    """An Ingress."""

    metadata: Metadata
    spec: IngressSpec = IngressSpec()
    status: Outside = Outside()
