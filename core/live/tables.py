"""Tables of live objects: what is asked for, their rows and columns, and how they change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from core.live.objects import ClusterRef, Kind, Target

Health = Literal["good", "busy", "warn", "bad", "done", "unknown"]
"""How an object is doing: fine, on its way, to be looked at, failed, finished, or nobody knows."""

SortKey = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class TableQuery:
    """A table that is asked for: objects of one kind in one cluster or several.

    `resource` is any name of a kind ("pods", "po", "deployments.apps"); no `namespaces` means all of them. `labels`
    and `fields` are selectors, applied by the server.
    """

    clusters: tuple[ClusterRef, ...]
    resource: str
    namespaces: tuple[str, ...] = ()
    labels: str = ""
    fields: str = ""


@dataclass(frozen=True, slots=True)
class LiveRow:
    """An object in a table; `key` is unique over all clusters and stays the same for the object's life.

    `row` is a typed row of `core.kube`, or a `ServerRow` with the cells that the server made.
    """

    key: str
    cluster: ClusterRef
    kind: Kind
    row: Any

    @property
    def name(self) -> str:
        return str(self.row.metadata.name)

    @property
    def namespace(self) -> str:
        return str(self.row.metadata.namespace)

    @property
    def labels(self) -> dict[str, str]:
        found: dict[str, str] = self.row.metadata.labels
        return found

    @property
    def target(self) -> Target:
        """The object, to be asked something of."""
        metadata = self.row.metadata
        return Target(self.cluster, self.kind, metadata.name, metadata.namespace, metadata.uid, row=self.row)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its text for a row at a time in seconds since the epoch, and what it is sorted by.

    `wide` ones belong to the wide view only, `right` ones are aligned there. `ages` says that the text changes with
    time alone.
    """

    title: str
    text: Callable[[LiveRow, float], str]
    sort: Callable[[LiveRow], SortKey]
    wide: bool = False
    right: bool = False
    ages: bool = False


@dataclass(frozen=True, slots=True)
class TableShape:
    """How a kind's table looks: its columns in their order, and how a row is doing."""

    kind: Kind
    columns: tuple[Column, ...]
    health: Callable[[LiveRow], Health]


@dataclass(frozen=True, slots=True)
class SourceState:
    """How current one cluster's part of a table is, a namespace at a time ("" for all).

    `since` is when it was lost, in seconds since the epoch, None while it is current; `retry` is when it is tried
    again. `synced` is False until everything was told once.
    """

    cluster: ClusterRef
    namespace: str
    synced: bool = False
    since: float | None = None
    trouble: str = ""
    retry: float | None = None


@dataclass(frozen=True, slots=True)
class TableChanged:
    """What changed since the last batch: rows that are new or different, keys that are gone.

    `reshaped` says that the table has other columns now, `sources` that something is more or less current.
    """

    rows: tuple[LiveRow, ...] = ()
    gone: tuple[str, ...] = ()
    reshaped: bool = False
    sources: bool = False
