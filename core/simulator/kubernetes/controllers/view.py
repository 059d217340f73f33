"""What controllers see of the cluster: objects, and rows by what is asked for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.simulator.kubernetes.controllers.rows import Row, Seen, SelectingRow, row_of
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.pods import OwnerRow, PodRow
from core.simulator.kubernetes.selectors import selects
from core.simulator.kubernetes.shape import Key, Object

Place = tuple[str, Key]
"""A resource, and the key of an object of it."""


class View:
    """Indexes over the cluster's objects; `notice` keeps them right. Rows are as of the last notice."""

    def __init__(self, objects: Objects, clock: Callable[[], float]) -> None:
        self._objects = objects
        self._clock = clock
        self._rows: dict[str, dict[Key, Row]] = defaultdict(dict)
        self._namespaced: dict[tuple[str, str], set[Key]] = defaultdict(set)
        self._owned: dict[str, set[Place]] = defaultdict(set)
        self._loose: dict[tuple[str, str], set[Key]] = defaultdict(set)
        self._labelled: dict[tuple[str, str, str], set[Key]] = defaultdict(set)
        self._on_node: dict[str, set[Key]] = defaultdict(set)

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    def notice(self, resource: str, key: Key) -> Seen:
        """Look at an object that may have changed."""
        raw = self._objects.raw(resource, *key)
        before, after = self._rows[resource].get(key), row_of(resource, raw) if raw is not None else None
        if before is not None and before != after:
            self._forget(resource, key, before)
        if after is not None and before != after:
            self._remember(resource, key, after)
        return Seen(resource, key, before, after)

    def get(self, resource: str, key: Key) -> Object | None:
        """An object as it is now."""
        return self._objects.get(resource, *key)

    def row(self, resource: str, key: Key) -> Row | None:
        """What is known of an object."""
        return self._rows[resource].get(key)

    def keys(self, resource: str, namespace: str = "") -> list[Key]:
        """The known objects' keys, of a namespace where one is named."""
        return sorted(self._namespaced[resource, namespace]) if namespace else sorted(self._rows[resource])

    def staying(self, namespace: str) -> list[Place]:
        """Everything in a namespace that has not been told to go."""
        return [place for place in self.contents(namespace) if not self._goes(*place)]

    def contents(self, namespace: str) -> list[Place]:
        """Everything in a namespace, what no controller looks at as well."""
        kinds = (kind.resource for kind in self._objects.kinds if kind.namespaced)
        return [(kind, key) for kind in kinds for key, _ in self._objects.items(kind, namespace)]

    def _goes(self, resource: str, key: Key) -> bool:
        row = self._rows[resource].get(key)
        return row is not None and row.metadata.deletion_timestamp != ""

    def place_of(self, owner: OwnerRow, namespace: str) -> Place | None:
        """Where an owner is to be found, None for a kind that is not known."""
        for kind in self._objects.kinds:
            if (kind.api_version, kind.name) == (owner.api_version, owner.kind):
                return kind.resource, (namespace if kind.namespaced else "", owner.name)
        return None

    def raws(self, resource: str) -> list[bytes]:
        """The JSON of all objects of a resource."""
        return [raw for _, raw in self._objects.items(resource)]

    def objects(self, resource: str, namespace: str = "") -> list[Object]:
        """The known objects as they are now."""
        return self._found(resource, self.keys(resource, namespace))

    def dependents(self, uid: str) -> list[Place]:
        """Everything that names this uid as an owner."""
        return sorted(self._owned.get(uid, ()))

    def owned(self, uid: str, resource: str) -> list[Object]:
        """The objects of a resource that name this uid as an owner."""
        return self._found(resource, [key for known, key in self.dependents(uid) if known == resource])

    def owned_pods(self, uid: str) -> list[PodRow]:
        """The pods of a controller."""
        return self._pods(key for resource, key in self.dependents(uid) if resource == "pods")

    def pods_on(self, node: str) -> list[PodRow]:
        """The pods that are bound to a node."""
        return self._pods(sorted(self._on_node.get(node, ())))

    def pods(self, namespace: str) -> list[PodRow]:
        """The pods of a namespace."""
        return self._pods(self.keys("pods", namespace))

    def all_pods(self) -> list[PodRow]:
        """All pods."""
        return self._pods(self.keys("pods"))

    def selected_pods(self, namespace: str, selector: Object | None) -> list[PodRow]:
        """The pods that a LabelSelector lets through."""
        labels: Mapping[str, str] = (selector or {}).get("matchLabels") or {}
        alike = [self._labelled.get((namespace, name, value), set()) for name, value in labels.items()]
        fewest: set[Key] | None = min(alike, key=len, default=None)
        keys = self.keys("pods", namespace) if fewest is None else sorted(fewest)
        return [pod for pod in self._pods(keys) if selects(selector, pod.labels)]

    def loose(self, resource: str, namespace: str) -> list[Row]:
        """What no controller has."""
        return [self._rows[resource][key] for key in sorted(self._loose.get((resource, namespace), ()))]

    def selecting(self, resource: str, namespace: str, labels: Mapping[str, str]) -> Iterator[Key]:
        """The objects of a resource whose selectors let these labels through."""
        for key in self._namespaced.get((resource, namespace), ()):
            row = self._rows[resource][key]
            if isinstance(row, SelectingRow) and selects(row.label_selector(), labels):
                yield key

    def _pods(self, keys: Iterator[Key] | list[Key]) -> list[PodRow]:
        rows = self._rows["pods"]
        return [row for key in keys if isinstance(row := rows.get(key), PodRow)]

    def _found(self, resource: str, keys: list[Key]) -> list[Object]:
        return [found for key in keys if (found := self.get(resource, key)) is not None]

    def _remember(self, resource: str, key: Key, row: Row) -> None:
        self._rows[resource][key] = row
        for index, entry in self._entries(resource, key, row):
            index.add(entry)

    def _forget(self, resource: str, key: Key, row: Row) -> None:
        del self._rows[resource][key]
        for index, entry in self._entries(resource, key, row):
            index.discard(entry)

    def _entries(self, resource: str, key: Key, row: Row) -> Iterator[tuple[set[Any], Any]]:
        """Every index that a row is in, with what it is there."""
        owners = row.metadata.owner_references
        yield self._namespaced[resource, key[0]], key
        yield from ((self._owned[owner.uid], (resource, key)) for owner in owners)
        if not any(owner.controller for owner in owners):
            yield self._loose[resource, key[0]], key
        if isinstance(row, PodRow):
            yield from ((self._labelled[key[0], *each], key) for each in row.labels.items())
            yield self._on_node[row.node], key
