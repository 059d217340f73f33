"""What a document says, each part sound in itself; whether the parts fit together is for `core.model.checks`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from core.model.base import Declared
from core.model.cluster import KubernetesCluster
from core.model.host import DockerStandaloneHost
from core.model.manifest import KubernetesManifest
from core.model.pod import KubernetesPod
from core.model.provider import Provider

Component = Annotated[
    KubernetesCluster | KubernetesPod | DockerStandaloneHost | KubernetesManifest,
    Field(
        discriminator="kind",
        description=(
            "a mapping whose kind is one of KubernetesCluster, KubernetesPod, DockerStandaloneHost, KubernetesManifest"
        ),
    ),
]

EnvironmentName = Annotated[
    str,
    Field(
        pattern=r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$",
        description="a name of at most 40 lower-case letters, digits and dashes that begins with a letter",
    ),
]


class Declaration(Declared):
    """An environment's document before its parts were held against each other."""

    environment: EnvironmentName
    provider: Provider
    components: tuple[Component, ...] = Field((), description="a list of components")

    @property
    def name(self) -> str:
        return self.environment

    def clusters(self) -> tuple[KubernetesCluster, ...]:
        return tuple(part for part in self.components if isinstance(part, KubernetesCluster))

    def pods(self, cluster: str | None = None) -> tuple[KubernetesPod, ...]:
        """The pods, or those of one cluster, in the document's order."""
        pods = (part for part in self.components if isinstance(part, KubernetesPod))
        return tuple(pod for pod in pods if cluster is None or pod.cluster == cluster)

    def hosts(self) -> tuple[DockerStandaloneHost, ...]:
        return tuple(part for part in self.components if isinstance(part, DockerStandaloneHost))

    def manifests(self, cluster: str) -> tuple[KubernetesManifest, ...]:
        """The raw objects of one cluster, in the document's order."""
        found = (part for part in self.components if isinstance(part, KubernetesManifest))
        return tuple(part for part in found if part.cluster == cluster)

    def component(self, name: str) -> KubernetesCluster | KubernetesPod | DockerStandaloneHost | KubernetesManifest:
        """The component of this name.

        Raises:
            KeyError: there is none.
        """
        for part in self.components:
            if part.name == name:
                return part
        raise KeyError(name)
