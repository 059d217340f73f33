"""A pod: a host for applications in a cluster."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from core.model.base import Declared, Whole, refusal
from core.model.container import Application
from core.model.text import DnsLabel, is_dns_name

Workload = Literal["Deployment", "ReplicationController", "Pod"]

MOST_REPLICAS = 10000

_SET_FOR_YOU = ("id", "app.kubernetes.io/managed-by")
"""Labels by which a pod is found again."""


def set_for_you(label: str) -> bool:
    """Whether a label is one of those that are ours to set."""
    return label in _SET_FOR_YOU or label.startswith("gondolier.io/")


def _label_key(text: str) -> str:
    prefix, slash, _ = text.rpartition("/")
    if set_for_you(text):
        raise refusal("a label of your own: this one is set for you")
    if slash and (not is_dns_name(prefix) or prefix != prefix.lower()):
        raise refusal("a label's prefix that is a DNS name in lower case, as example.org/tier")
    return text


LabelKey = Annotated[
    str,
    Field(
        pattern=r"^([^/]+/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
        description="a label's key: [prefix/]name, the name at most 63 letters, digits, `-`, `_`, `.`",
    ),
    AfterValidator(_label_key),
]
LabelValue = Annotated[
    str,
    Field(
        pattern=r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$",
        description="a label's value: at most 63 letters, digits, `-`, `_`, `.`, a letter or digit at both ends",
    ),
]


class KubernetesPod(Declared):
    """Applications that share an address, as many times over as `replicas` says.

    Its name is the workload's name and a label's value, so it has at most 63 characters. No replicas means one bare
    pod that nothing restarts elsewhere.
    """

    kind: Literal["KubernetesPod"] = Field("KubernetesPod", description="KubernetesPod")
    name: DnsLabel
    cluster: DnsLabel = Field(description="the name of a KubernetesCluster of this document")
    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict, description="a mapping of key to text")
    replicas: Whole = Field(
        2, ge=0, le=MOST_REPLICAS, description=f"a whole number from 0 (a bare pod) to {MOST_REPLICAS}"
    )
    workload: Workload | None = Field(None, description="one of Deployment, ReplicationController, Pod")
    applications: tuple[Application, ...] = Field((), description="a list of applications, each with name, image")

    @property
    def effective_workload(self) -> Workload:
        """What Kubernetes object the pod becomes."""
        if self.replicas == 0:
            return "Pod"
        return self.workload or "Deployment"
