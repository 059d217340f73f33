"""What must hold in raw Kubernetes objects before a server sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from core.model.base import Path
from core.model.contradiction import Contradiction
from core.model.manifest import KubernetesManifest
from core.model.pod import set_for_you

Data = dict[str, Any]

Reference = tuple[str, str, str, str]
"""Group, kind, namespace and name: what tells an object from all others of a cluster."""

_FIELDS: tuple[tuple[Path, str, str], ...] = (
    (
        ("apiVersion",),
        r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[a-z][a-z0-9]{0,62}",
        "an API version, as v1 or apps/v1",
    ),
    (("kind",), r"[A-Za-z][A-Za-z0-9]{0,62}", "a kind, as ConfigMap"),
    (("metadata", "name"), r"(?!\.{1,2}$)[^/%\s]{1,253}", "the object's name"),
)
"""Fields that every object has, with the whole text that each may be."""

_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def manifest_contradictions(component: KubernetesManifest, here: Path) -> Iterator[Contradiction]:
    """All of one component; `here` is its path in the document."""
    for index, manifest in enumerate(component.manifests):
        yield from _object(manifest, (*here, "manifests", index))


def repeated_objects(components: list[tuple[Path, KubernetesManifest]]) -> Iterator[Contradiction]:
    """Objects that a cluster is given twice, by one component or by two."""
    first: dict[tuple[str, Reference], Path] = {}
    for here, component in components:
        for index, manifest in enumerate(component.manifests):
            path: Path = (*here, "manifests", index)
            if any(_object(manifest, path)):
                continue
            key = (component.cluster, reference(manifest))
            where = first.setdefault(key, path)
            if where != path:
                found = f"{manifest['kind']} {manifest['metadata']['name']} again"
                yield Contradiction((*path, "metadata", "name"), found, "each object of a cluster once", (where,))


def reference(manifest: Data) -> Reference:
    """What tells a sound object from all others of its cluster."""
    group = manifest["apiVersion"].rpartition("/")[0]
    return group, manifest["kind"], manifest["metadata"].get("namespace", "default"), manifest["metadata"]["name"]


def _object(manifest: Data, here: Path) -> Iterator[Contradiction]:
    for path, pattern, allowed in _FIELDS:
        value = _at(manifest, path)
        if not isinstance(value, str) or re.fullmatch(pattern, value) is None:
            yield Contradiction((*here, *path), _shown(value), allowed)
    metadata = manifest.get("metadata")
    if isinstance(metadata, dict):
        yield from _namespace(metadata, (*here, "metadata", "namespace"))
        yield from _labels(metadata, (*here, "metadata", "labels"))


def _namespace(metadata: Data, here: Path) -> Iterator[Contradiction]:
    value = metadata.get("namespace", "default")
    if not isinstance(value, str) or not _NAMESPACE.fullmatch(value):
        yield Contradiction(here, _shown(value), "the name of a namespace, or none for `default`")


def _labels(metadata: Data, here: Path) -> Iterator[Contradiction]:
    for part in ("labels", "annotations"):
        marks, path = metadata.get(part, {}), (*here[:-1], part)
        if not isinstance(marks, dict) or not all(isinstance(value, str) for value in marks.values()):
            yield Contradiction(path, "something else", "a mapping of texts to texts; numbers in quotes")
        elif part == "labels":
            for key in filter(set_for_you, marks):
                yield Contradiction((*path, key), f"the label {key}", "labels of your own: this one is set for you")


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return f'"{value[:60]}"' if isinstance(value, str) else f"a {type(value).__name__}"
