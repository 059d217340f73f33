"""Logs of many pods, workloads and clusters as one stream: what is there by time, then what comes."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from operator import attrgetter

from core.engine.errors import Trouble
from core.kube import paths
from core.kube.access import Cluster
from core.kube.log_follow import follow
from core.kube.log_lines import LogItem, LogLine, LogRestarted
from core.kube.logs import history, sources
from core.kube.rows import PodRow
from core.live.logs import LogRecord, LogSource
from core.live.objects import ClusterRef

FLUSH_SECONDS = 0.05
"""How long lines that come are collected, to be told together and by time."""

_BATCH = 1000
# Network reads that wait for a slow reader, for each group: then the server waits.
_WAITING = 8
_by_time = attrgetter("time")


@dataclass(frozen=True, slots=True)
class Group:
    """Pods whose logs belong together: one by its name, or those of a namespace ("" for all) that `labels` match."""

    ref: ClusterRef
    cluster: Cluster
    namespace: str
    pod: str = ""
    labels: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for of each container; `since` is in nanoseconds since the epoch."""

    container: str = ""
    since: int | None = None
    tail: int | None = None


async def followed(groups: Sequence[Group], wanted: Wanted) -> AsyncGenerator[Sequence[LogRecord], None]:
    """The groups' logs: what is there in the order of time, then what comes, in batches by time.

    Ends when every group has ended. Memory is bounded: where nobody takes the batches, the servers wait.

    Raises:
        Trouble: the only group cannot be read; of several, it is told and the others go on.
    """
    streams = [_Stream(group, wanted) for group in groups]
    for stream in streams:
        stream.begin()
    try:
        async for batch in _history(streams):
            yield batch
        async for batch in _coming(streams):
            yield batch
    finally:
        await asyncio.gather(*(stream.close() for stream in streams))


async def recorded(
    groups: Sequence[Group], wanted: Wanted, *, previous: bool = False
) -> AsyncGenerator[Sequence[LogRecord], None]:
    """What was written so far, by time, and no more; `previous` is the run before the present one."""
    streams = [_read(group, wanted, previous) for group in groups]
    found = [[record async for record in stream] for stream in streams]
    ordered = list(heapq.merge(*found, key=_by_time))
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]


class _Stream:
    """One group's batches as they are read, and the part of them that was not told yet."""

    def __init__(self, group: Group, wanted: Wanted) -> None:
        self.group = group
        self.waiting: asyncio.Queue[Sequence[LogRecord] | Trouble | None] = asyncio.Queue(_WAITING)
        self.news: asyncio.Event = asyncio.Event()
        self.ended = False
        self._wanted = wanted
        self._records = _Records(group.ref)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.create_task(self._pump())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def take(self) -> Sequence[LogRecord] | None:
        """The next batch, None at the end; an empty one says that what was there has been told.

        Raises:
            Trouble: the group cannot be read.
        """
        found = await self.waiting.get()
        if isinstance(found, Trouble):
            self.ended = True
            raise found
        self.ended = found is None
        return found

    async def _pump(self) -> None:
        group, wanted = self.group, self._wanted
        lines = follow(
            group.cluster,
            group.namespace,
            labels=group.labels,
            pod=group.pod,
            container=wanted.container,
            since=wanted.since,
            tail=wanted.tail,
        )
        last: Trouble | None = None
        try:
            async with aclosing(lines) as batches:
                async for batch in batches:
                    await self.waiting.put([self._records.of(item) for item in batch])
                    self.news.set()
        except Trouble as trouble:
            last = trouble
        await self.waiting.put(last)
        self.news.set()


@dataclass(slots=True)
class _Records:
    """Makes records of a group's items; a container's records share one source."""

    ref: ClusterRef
    known: dict[tuple[str, str, str], LogSource] = field(default_factory=dict)
    newest: int = 0

    def of(self, item: LogItem) -> LogRecord:
        key = (item.namespace, item.pod, item.container)
        source = self.known.get(key)
        if source is None:
            source = self.known[key] = LogSource(self.ref, *key)
        if isinstance(item, LogLine):
            self.newest = max(self.newest, item.time)
            return LogRecord(source, item.time, item.text)
        if isinstance(item, LogRestarted):
            return LogRecord(source, self.newest, f"restarted, for the {_ordinal(item.restarts)} time", "restarted")
        return LogRecord(source, self.newest, item.reason, "lost")


async def _history(streams: Sequence[_Stream]) -> AsyncGenerator[Sequence[LogRecord], None]:
    """What is there, merged; returns when every stream has told all of it."""
    heads: list[tuple[int, int, LogRecord]] = []
    rest: list[Iterator[LogRecord]] = [iter(())] * len(streams)

    async def advance(number: int) -> None:
        record = next(rest[number], None)
        if record is None:
            batch = await _taken(streams[number], alone=len(streams) == 1)
            rest[number] = iter(batch or ())
            record = next(rest[number], None)
        if record is not None:
            heapq.heappush(heads, (record.time, number, record))

    await asyncio.gather(*(advance(number) for number in range(len(streams))))
    ready: list[LogRecord] = []
    while heads:
        _, number, record = heapq.heappop(heads)
        ready.append(record)
        if len(ready) == _BATCH:
            yield ready
            ready = []
        await advance(number)
    if ready:
        yield ready


async def _coming(streams: Sequence[_Stream]) -> AsyncGenerator[Sequence[LogRecord], None]:
    """What comes, a flush at a time, until every stream has ended."""
    news = asyncio.Event()
    for stream in streams:
        stream.news = news
    news.set()
    while not all(stream.ended for stream in streams):
        await news.wait()
        await asyncio.sleep(FLUSH_SECONDS)
        news.clear()
        ready: list[LogRecord] = []
        for stream in streams:
            for _ in range(_WAITING):
                if stream.ended or stream.waiting.empty():
                    break
                ready += await _taken(stream, alone=len(streams) == 1) or ()
        if ready:
            ready.sort(key=_by_time)
            yield ready
    news.set()


async def _taken(stream: _Stream, *, alone: bool) -> Sequence[LogRecord] | None:
    if stream.ended:
        return None
    try:
        return await stream.take()
    except Trouble as trouble:
        if alone:
            raise
        group = stream.group
        source = LogSource(group.ref, group.namespace, group.pod or group.labels, "")
        return [LogRecord(source, 0, str(trouble), "lost")]


async def _read(group: Group, wanted: Wanted, previous: bool) -> AsyncGenerator[LogRecord, None]:
    fields = f"metadata.name={group.pod}" if group.pod else ""
    path = paths.pods(group.namespace or None)
    rows = await group.cluster.list(path, PodRow, labels=group.labels, fields=fields)
    found = [each for row in rows for each in sources(row, wanted.container, since=wanted.since, tail=wanted.tail)]
    records = _Records(group.ref)
    async with aclosing(history(group.cluster, found, tail=wanted.tail, previous=previous)) as items:
        async for item in items:
            yield records.of(item)


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
