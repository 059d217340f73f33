"""Whether the parts of a declaration fit together; pure, and blind to nothing that a single part would refuse."""

from __future__ import annotations

from collections.abc import Iterator

from core.model.base import Path, suggestion
from core.model.cluster import KubernetesCluster
from core.model.cluster_checks import cluster_contradictions
from core.model.contradiction import Contradiction, repeated
from core.model.declaration import Declaration
from core.model.host import DockerStandaloneHost
from core.model.manifest import KubernetesManifest
from core.model.manifest_checks import manifest_contradictions, repeated_objects
from core.model.pod import KubernetesPod
from core.model.pod_checks import host_contradictions, pod_contradictions
from core.model.provider_checks import provider_contradictions


def contradictions(declaration: Declaration) -> list[Contradiction]:
    """Everything that does not fit, in the document's order."""
    return [
        *provider_contradictions(declaration),
        *_component_names(declaration),
        *_components(declaration),
        *repeated_objects(_manifests(declaration)),
    ]


def _component_names(declaration: Declaration) -> Iterator[Contradiction]:
    named = ((_name_path(index), part.name) for index, part in enumerate(declaration.components))
    yield from repeated(named, "component name")


def _components(declaration: Declaration) -> Iterator[Contradiction]:
    for index, part in enumerate(declaration.components):
        here: Path = ("components", index)
        if isinstance(part, KubernetesCluster):
            yield from cluster_contradictions(part, here, declaration.provider)
        elif isinstance(part, KubernetesPod):
            yield from _reference(declaration, part, here)
            yield from pod_contradictions(part, here)
        elif isinstance(part, DockerStandaloneHost):
            yield from host_contradictions(part, here)
        else:
            yield from _reference(declaration, part, here)
            yield from manifest_contradictions(part, here)


def _manifests(declaration: Declaration) -> list[tuple[Path, KubernetesManifest]]:
    parts = enumerate(declaration.components)
    return [(("components", index), part) for index, part in parts if isinstance(part, KubernetesManifest)]


def _reference(
    declaration: Declaration, pod: KubernetesPod | KubernetesManifest, here: Path
) -> Iterator[Contradiction]:
    known = [cluster.name for cluster in declaration.clusters()]
    if pod.cluster not in known:
        meant = (
            index
            for index, part in enumerate(declaration.components)
            if part.name == pod.cluster or isinstance(part, KubernetesCluster)
        )
        about = tuple(_name_path(index) for index in meant)
        yield Contradiction((*here, "cluster"), f'"{pod.cluster}"', _known_clusters(pod.cluster, known), about)


def _known_clusters(wanted: str, known: list[str]) -> str:
    if not known:
        return "the name of a KubernetesCluster of this document: there is none"
    return f"a KubernetesCluster of this document: {', '.join(known)}{suggestion(wanted, known)}"


def _name_path(index: int) -> Path:
    return ("components", index, "name")
