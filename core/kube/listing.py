"""A table of live objects: lists and watches of clusters and namespaces, merged into one set of rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from core.engine.errors import Trouble
from core.kube import paths
from core.kube.access import Cluster
from core.kube.forms import Form, Tables, Typed
from core.kube.kinds import typed_kind
from core.kube.rows import identity
from core.kube.tables.server import server_shape
from core.kube.watch import Added, Deleted, Delta, Lost, Modified, poll_form, watch_form
from core.live.objects import ClusterRef, Kind
from core.live.tables import LiveRow, SourceState, TableChanged, TableQuery, TableShape

Opened = Callable[[ClusterRef], Awaitable[Cluster]]
"""The way to a cluster's API; another object than before where the cluster is reached in another way now."""

FLUSH_SECONDS = 0.1
_RETRY_SECONDS = 5.0


@dataclass(slots=True)
class _Source:
    """One cluster's part, in one namespace or all: where its rows come from, and which keys it has told."""

    state: SourceState
    form: Form[Any]
    path: str
    keys: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)


class Listing:
    """Rows that are kept current by one task a source; what changes is collected for whoever reads `changes`."""

    def __init__(self, query: TableQuery, kind: Kind, opened: Opened) -> None:
        self.query = query
        self.kind = kind
        self.rows: dict[str, LiveRow] = {}
        self._opened = opened
        self._typed = typed_kind(kind)
        self.shape: TableShape = self._typed.shape if self._typed else server_shape(kind, ())
        self._sources = [self._source(ref, name) for ref in query.clusters for name in self._namespaces()]
        self._pending: dict[str, LiveRow | None] = {}
        self._reshaped = False
        self._moved = True
        self._news = asyncio.Event()
        self._hurry = asyncio.Event()

    @property
    def sources(self) -> Sequence[SourceState]:
        """How current each part is."""
        return [source.state for source in self._sources]

    def retry(self) -> None:
        """Try lost sources again now."""
        self._hurry.set()

    async def changes(self) -> AsyncGenerator[TableChanged, None]:
        """What changes, at most ten times a second, without end."""
        self._pending |= self.rows
        self._moved = True
        while True:
            yield self._batch()
            await asyncio.sleep(FLUSH_SECONDS)
            await self._news.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Listing]:
        """Keep the rows current until the block is left."""
        tasks = [asyncio.create_task(self._feed(source)) for source in self._sources]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _namespaces(self) -> Sequence[str]:
        return self.query.namespaces if self.kind.namespaced and self.query.namespaces else ("",)

    def _source(self, ref: ClusterRef, namespace: str) -> _Source:
        form: Form[Any] = Typed(self._typed.row) if self._typed else Tables()
        path = paths.collection(self.kind.version, self.kind.resource, namespace or None)
        return _Source(SourceState(ref, namespace), form, path)

    def _batch(self) -> TableChanged:
        pending, self._pending = self._pending, {}
        rows = tuple(row for row in pending.values() if row is not None)
        gone = tuple(key for key, row in pending.items() if row is None)
        batch = TableChanged(rows, gone, self._reshaped, self._moved)
        self._reshaped = self._moved = False
        self._news.clear()
        return batch

    async def _feed(self, source: _Source) -> None:
        while True:
            try:
                cluster = await self._opened(source.state.cluster)
            except Trouble as error:
                self._lose(source, str(error), _RETRY_SECONDS)
                await self._pause(_RETRY_SECONDS)
                continue
            source.unseen = set(source.keys)
            async with aclosing(self._deltas(cluster, source)) as deltas:
                async for delta in deltas:
                    self._take(source, delta)
                    if isinstance(delta, Lost) and await self._moved_on(source, cluster):
                        break

    def _deltas(self, cluster: Cluster, source: _Source) -> AsyncGenerator[Delta[Any], None]:
        tell = watch_form if "watch" in self.kind.verbs else poll_form
        labels, fields = self.query.labels, self.query.fields
        return tell(cluster, source.path, source.form, labels=labels, fields=fields, hurry=self._hurry)

    async def _moved_on(self, source: _Source, cluster: Cluster) -> bool:
        """Whether the cluster is reached in another way since it was lost; where nobody knows, the old one is kept."""
        try:
            return await self._opened(source.state.cluster) is not cluster
        except Trouble:
            return False

    def _take(self, source: _Source, delta: Delta[Any]) -> None:
        if isinstance(delta, Added | Modified):
            self._put(source, delta.row)
        elif isinstance(delta, Deleted):
            self._drop(source, self._key(source, delta.row))
        elif isinstance(delta, Lost):
            self._lose(source, delta.reason, delta.retry)
        else:
            self._synced(source)
        self._news.set()

    def _put(self, source: _Source, row: Any) -> None:
        key = self._key(source, row)
        source.keys.add(key)
        source.unseen.discard(key)
        known = self.rows.get(key)
        if known is None or known.row.metadata.resource_version != row.metadata.resource_version:
            self.rows[key] = self._pending[key] = LiveRow(key, source.state.cluster, self.kind, row)

    def _drop(self, source: _Source, key: str) -> None:
        source.keys.discard(key)
        if self.rows.pop(key, None) is not None:
            self._pending[key] = None

    def _synced(self, source: _Source) -> None:
        """What a new beginning did not tell again is gone."""
        for key in source.unseen:
            self._drop(source, key)
        source.unseen = set()
        if isinstance(source.form, Tables):
            self._reshape(source.form)
        source.state = SourceState(source.state.cluster, source.state.namespace, synced=True)
        self._moved = True

    def _reshape(self, form: Tables) -> None:
        shape = server_shape(self.kind, form.columns)
        if [column.title for column in shape.columns] != [column.title for column in self.shape.columns]:
            self.shape, self._reshaped = shape, True

    def _lose(self, source: _Source, reason: str, pause: float) -> None:
        now = time.time()
        since = source.state.since or now
        source.state = replace(source.state, since=since, trouble=reason, retry=now + pause)
        self._moved = True
        self._news.set()

    async def _pause(self, seconds: float) -> None:
        self._hurry.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return

    def _key(self, source: _Source, row: Any) -> str:
        return f"{source.state.cluster}/{identity(row)}"
