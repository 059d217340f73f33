"""Raw Kubernetes objects that a document brings along."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from core.model.base import Declared
from core.model.text import DnsLabel


class KubernetesManifest(Declared):
    """Objects of a cluster, written as Kubernetes has them; what must hold in them is for `manifest_checks`.

    An object without a namespace, of a kind that has one, is of the namespace `default`.
    """

    kind: Literal["KubernetesManifest"] = Field("KubernetesManifest", description="KubernetesManifest")
    name: DnsLabel
    cluster: DnsLabel = Field(description="the name of a KubernetesCluster of this document")
    manifests: tuple[dict[str, Any], ...] = Field(
        (), description="a list of Kubernetes objects, each with apiVersion, kind, metadata.name"
    )
