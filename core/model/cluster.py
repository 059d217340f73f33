"""A Kubernetes cluster as it is declared."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from core.model.base import Declared, Flag, Whole, refusal
from core.model.instance import Instance
from core.model.naming import MOST_MACHINES, NamePattern
from core.model.registry import Registry
from core.model.text import DnsLabel, DnsName, PodNetwork, ServiceNetwork

VERSIONS: tuple[str, ...] = ("1.35", "1.36", "1.37")
"""The Kubernetes minors that can be deployed, oldest first."""

Network = Literal["calico", "flannel"]

POD_NETWORKS: dict[Network, str] = {"calico": "192.168.0.0/16", "flannel": "10.200.0.0/16"}
"""The range that pods get addresses from when the document names none."""

_ALLOWED_VERSIONS = "one of " + ", ".join(f'"{version}"' for version in VERSIONS)
_COUNT = "a whole number of at least 1"
_MAX = f"a whole number from 1 to {MOST_MACHINES}"
_FLAG = "true or false"


def _version(text: str) -> str:
    if text not in VERSIONS:
        raise refusal(f"{_ALLOWED_VERSIONS} – the minor version only")
    return text


def _no_dashboard(value: Any) -> Any:
    if value is not False:
        raise refusal("false: the Kubernetes dashboard was retired upstream – use this console instead")
    return value


def _no_exposed_metrics(value: Any) -> Any:
    if value is not False:
        raise refusal("false: kubelets show metrics to whom they know, on port 10250 – nobody else should see them")
    return value


def _containerd(value: Any) -> Any:
    if value != "containerd":
        raise refusal("containerd: it is the only runtime there is, and it runs every image that Docker runs")
    return value


class Workers(Declared):
    """How many workers there are now and may be at most."""

    count: Whole = Field(2, ge=1, description=_COUNT)
    max: Whole = Field(
        default_factory=lambda known: max(3, known.get("count", 0)), ge=1, le=MOST_MACHINES, description=_MAX
    )
    floating_ip: Flag = Field(True, description=_FLAG)


class Gateways(Declared):
    """How many gateways there are now and may be at most."""

    count: Whole = Field(1, ge=1, description=_COUNT)
    max: Whole = Field(
        default_factory=lambda known: max(2, known.get("count", 0)), ge=1, le=MOST_MACHINES, description=_MAX
    )
    floating_ip: Flag = Field(True, description=_FLAG)


class ControlPlane(Declared):
    """The one machine that runs the API server."""

    floating_ip: Flag = Field(True, description=_FLAG)


class Etcd(Declared):
    """Which machines vote: `auto` the largest odd number up to five, `all` every machine."""

    voters: Literal["auto", "all"] = Field("auto", description="one of auto, all")


class KubernetesCluster(Declared):
    """A cluster with its machines, network and options.

    `pod_cidr` and `service_cidr` are IPv4 networks as text in canonical form. Rules between fields are kept by the
    environment, see `core.model.checks`.
    """

    kind: Literal["KubernetesCluster"] = Field("KubernetesCluster", description="KubernetesCluster")
    name: DnsLabel
    version: Annotated[str, AfterValidator(_version)] = Field(description=_ALLOWED_VERSIONS)
    workers: Workers = Field(Workers(), description="a mapping with count, max, floating_ip")
    gateways: Gateways = Field(Gateways(), description="a mapping with count, max, floating_ip")
    control_plane: ControlPlane = Field(ControlPlane(), description="a mapping with floating_ip")
    node_pattern: NamePattern = "kube-#"
    gateway_pattern: NamePattern = "gateway-#"
    expose_metrics: Annotated[Literal[False], BeforeValidator(_no_exposed_metrics)] = Field(False, description="false")
    network: Network = Field("calico", description="one of calico, flannel")
    dns: Flag = Field(True, description=_FLAG)
    dns_domain: DnsName = "cluster.local"
    registry: Registry = Field(Registry(), description="a mapping with host, mirror, ca, credentials")
    etcd: Etcd = Field(Etcd(), description="a mapping with voters")
    pod_cidr: PodNetwork = Field(default_factory=lambda known: POD_NETWORKS[known["network"]])
    service_cidr: ServiceNetwork = "10.32.0.0/24"
    instance: Instance = Field(Instance(), description="a mapping with flavor, image, key_pair, availability_zone")
    dashboard: Annotated[Literal[False], BeforeValidator(_no_dashboard)] = Field(False, description="false")
    runtime: Annotated[Literal["containerd"], BeforeValidator(_containerd)] = Field(
        "containerd", description="containerd"
    )
