"""Which kinds a cluster knows: the table, and what its CustomResourceDefinitions add."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.simulator.kubernetes.kinds import BY_RESOURCE, Column, Kind

Object = dict[str, Any]


class Catalogue:
    """Kinds by resource ("pods", "deployments.apps"); custom ones come and go with their definitions."""

    def __init__(self) -> None:
        self._custom: dict[str, Kind] = {}

    def __iter__(self) -> Iterator[Kind]:
        yield from BY_RESOURCE.values()
        yield from self._custom.values()

    def find(self, resource: str) -> Kind | None:
        """The kind of a resource, None where there is none."""
        return BY_RESOURCE.get(resource) or self._custom.get(resource)

    def serving(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind behind a path, None where that version of it is not served."""
        found = self.find(f"{plural}.{group}" if group else plural)
        return found if found is not None and found.version == version else None

    def define(self, definition: Object) -> Kind:
        """Take a CustomResourceDefinition in; only the version that is kept is served."""
        kind = _custom_kind(definition["spec"])
        self._custom[kind.resource] = kind
        return kind

    def forget(self, definition: Object) -> None:
        """A CustomResourceDefinition is gone."""
        spec = definition["spec"]
        self._custom.pop(f"{spec['names']['plural']}.{spec['group']}", None)


def _custom_kind(spec: Object) -> Kind:
    names = spec["names"]
    version = next((each for each in spec["versions"] if each.get("storage")), spec["versions"][0])
    parts = version.get("subresources") or {}
    columns = version.get("additionalPrinterColumns") or ()
    return Kind(
        spec["group"],
        version["name"],
        names["plural"],
        names["kind"],
        tuple(names.get("shortNames") or ()),
        namespaced=spec.get("scope") == "Namespaced",
        categories=tuple(names.get("categories") or ()),
        status="status" in parts,
        scaled="scale" in parts,
        counted=True,
        singular=names.get("singular", ""),
        custom=True,
        columns=tuple(Column(c["name"], c["type"], c["jsonPath"], c.get("priority", 0)) for c in columns),
    )
