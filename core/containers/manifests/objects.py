"""What a raw object becomes in a cluster, pure: ours by its labels, its content known by a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from core.containers.manifest import DIGEST, ID, MANAGED_BY, MANAGER, MANIFEST, NAMESPACE, identity
from core.engine.step import Action, Change
from core.kube.objects import to_yaml
from core.model.manifest import KubernetesManifest

Object = dict[str, Any]

_FIRST = ("Namespace", "CustomResourceDefinition")
"""What others may be in or of, in this order; everything else follows as the document has it."""

_SERVERS_OWN = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink")


class Name(msgspec.Struct, frozen=True, array_like=True):
    """What tells an object from all others of its cluster, and in which version it is asked for.

    `namespace` means nothing for a kind that has none.
    """

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The same for every version of the object's kind."""
        return (*self.group_kind, self.namespace, self.name)

    @property
    def group_kind(self) -> tuple[str, str]:
        return self.api_version.rpartition("/")[0], self.kind

    def stub(self) -> Object:
        """As little of the object as its path needs."""
        metadata = {"name": self.name, "namespace": self.namespace}
        return {"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata}

    def __str__(self) -> str:
        place = "" if self.namespace == NAMESPACE else f"{self.namespace}/"
        return f"{self.kind} {place}{self.name}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object as it shall be applied."""

    name: Name
    body: Object

    @property
    def hidden(self) -> bool:
        """Whether nobody may read its content in a plan."""
        return self.name.kind == "Secret"


def wanted_objects(component: KubernetesManifest) -> list[Wanted]:
    """A component's objects in the order in which they are applied."""
    found = [Wanted(name_of(manifest), _marked(component.name, manifest)) for manifest in component.manifests]
    return sorted(found, key=lambda one: _FIRST.index(one.name.kind) if one.name.kind in _FIRST else len(_FIRST))


def name_of(manifest: Object) -> Name:
    """The name of a sound object."""
    metadata = manifest["metadata"]
    return Name(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", NAMESPACE), metadata["name"])


def promised_kinds(components: Iterable[KubernetesManifest]) -> Iterator[tuple[str, str]]:
    """Group and kind of what the custom resource definitions among raw objects define."""
    for component in components:
        for manifest in component.manifests:
            spec = manifest.get("spec")
            if manifest["kind"] == "CustomResourceDefinition" and isinstance(spec, dict):
                names = spec.get("names")
                yield str(spec.get("group")), str(names.get("kind") if isinstance(names, dict) else "")


def is_ours(live: Object, component: str) -> bool:
    """Whether an object was made for this component."""
    marks = live["metadata"].get("labels", {})
    return bool(marks.get(MANAGED_BY) == MANAGER and marks.get(ID) == marks.get(MANIFEST) == component)


def differs(wanted: Wanted, live: Object | None) -> bool:
    """Whether an object is not there or was made from something else."""
    if live is None:
        return True
    found = live["metadata"].get("annotations", {}).get(DIGEST)
    return bool(found != wanted.body["metadata"]["annotations"][DIGEST])


def change(wanted: Wanted, live: Object | None, after: Object) -> Change:
    """What a plan shows: the object as it is and as the server would make it; of a Secret only that it changes."""
    action: Action = "create" if live is None else "update"
    if wanted.hidden:
        return Change(action, str(wanted.name), secret=True)
    return Change(action, str(wanted.name), before=_text(live), after=_text(after))


def _text(thing: Object | None) -> str:
    if thing is None:
        return ""
    metadata = {key: value for key, value in thing["metadata"].items() if key not in _SERVERS_OWN}
    return to_yaml({key: value for key, value in (thing | {"metadata": metadata}).items() if key != "status"})


def _marked(component: str, manifest: Object) -> Object:
    """The object with the labels by which it is found again, and the digest of what the document says of it."""
    digest = hashlib.sha256(msgspec.json.encode(manifest, order="sorted")).hexdigest()[:16]
    metadata = manifest["metadata"]
    labels = metadata.get("labels", {}) | identity(component) | {MANIFEST: component}
    annotations = metadata.get("annotations", {}) | {DIGEST: digest}
    return manifest | {"metadata": metadata | {"labels": labels, "annotations": annotations}}
