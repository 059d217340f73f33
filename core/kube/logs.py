"""Logs of pods: what was written so far, merged by time, and what comes, through cuts and restarts."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass

from core.engine.errors import Trouble
from core.kube import paths
from core.kube.access import Cluster
from core.kube.log_lines import Cursor, LogItem, LogLine, LogLost, Splitter
from core.kube.rows import ContainerStatus, PodRow

# A quiet container's stream is opened anew after this long: a connection may be dead without having said so.
_SILENCE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a container, whose log the API calls current; `previous` is the run before it, "" if unknown."""

    id: str
    running: bool
    previous: str
    restarts: int


@dataclass(eq=False, slots=True)
class Source:
    """A container's log and how far it was read; `ended` says that `run` was read to its end."""

    pod: PodRow
    container: str
    cursor: Cursor
    run: str = ""
    ended: bool = False

    @property
    def name(self) -> str:
        return self.pod.metadata.name

    @property
    def namespace(self) -> str:
        return self.pod.metadata.namespace


def run_of(pod: PodRow, container: str) -> Run | None:
    """The run whose log can be read now, None where the container has not run yet."""
    statuses = (*pod.status.container_statuses, *pod.status.init_container_statuses)
    status = next((found for found in statuses if found.name == container), None)
    if status is None:
        return None
    last = status.last_state.terminated
    before = last.container_id if last else ""
    current = _current(status)
    if current:
        return Run(current, status.state.running is not None, before, status.restart_count)
    return Run(before, False, "", status.restart_count) if before else None


def sources(pod: PodRow, container: str = "", *, since: int | None = None, tail: int | None = None) -> list[Source]:
    """The logs of a pod's containers, or of the one with this name; init containers only when named."""
    names = [found.name for found in pod.spec.containers]
    if container:
        names += [found.name for found in pod.spec.init_containers]
    wanted = [name for name in names if container in ("", name)]
    return [Source(pod, name, Cursor(since, tail=tail is not None)) for name in wanted]


async def history(
    cluster: Cluster, read: Sequence[Source], *, tail: int | None = None, previous: bool = False
) -> AsyncGenerator[LogItem, None]:
    """What was written so far, of all sources in the order of time; each at most its last `tail` lines.

    `previous` is the run before the present one, of those containers that have restarted.

    A log that cannot be read is told as `LogLost`; the others come nevertheless.
    """
    wanted = [source for source in read if _readable(source, previous)]
    streams = [_recorded(cluster, source, tail, previous) for source in wanted]
    heads: list[tuple[int, int, LogItem]] = []
    # All are asked at once: one after another, fifty would take as long as fifty answers.
    await asyncio.gather(*(_push(heads, number, stream) for number, stream in enumerate(streams)))
    while heads:
        _, number, item = heapq.heappop(heads)
        yield item
        await _push(heads, number, streams[number])


async def chunks(
    cluster: Cluster, source: Source, *, follow: bool, tail: int | None = None, previous: bool = False
) -> AsyncIterator[list[LogLine]]:
    """A log's lines from the cursor on, as many at a time as one network read brings; ends where the API ends it.

    Raises:
        Trouble: the log cannot be read (further).
    """
    if source.cursor.begun:
        source.cursor.resume()
    splitter = Splitter()
    path = paths.pod(source.pod.metadata.namespace, source.name, "log")
    query = _query(source, follow, tail, previous)
    async with cluster.stream(path, query, silence=_SILENCE_SECONDS) as response:
        async for chunk in response.content.iter_any():
            if lines := _taken(source, splitter.feed(chunk)):
                yield lines
    # An unfinished line of a log that still grows comes again, whole, with the next read.
    if not follow and (lines := _taken(source, splitter.end())):
        yield lines


def _readable(source: Source, previous: bool) -> bool:
    run = run_of(source.pod, source.container)
    return run is not None and (bool(run.restarts) or not previous)


async def _recorded(cluster: Cluster, source: Source, tail: int | None, previous: bool) -> AsyncIterator[LogItem]:
    try:
        async for lines in chunks(cluster, source, follow=False, tail=tail, previous=previous):
            for line in lines:
                yield line
    except Trouble as error:
        yield LogLost(source.name, source.container, str(error), source.namespace)


async def _push(heads: list[tuple[int, int, LogItem]], number: int, stream: AsyncIterator[LogItem]) -> None:
    item = await anext(stream, None)
    if item is not None:
        heapq.heappush(heads, (item.time if isinstance(item, LogLine) else 0, number, item))


def _taken(source: Source, raws: Sequence[str]) -> list[LogLine]:
    taken = [source.cursor.take(raw) for raw in raws]
    pod, container, namespace = source.name, source.container, source.namespace
    return [LogLine(pod, container, *found, namespace) for found in taken if found is not None]


def _query(source: Source, follow: bool, tail: int | None, previous: bool) -> list[tuple[str, str]]:
    query = [("container", source.container), ("timestamps", "true")]
    if follow:
        query.append(("follow", "true"))
    if previous:
        query.append(("previous", "true"))
    if source.cursor.since is not None:
        query.append(("sinceTime", source.cursor.since))
    if tail is not None and not source.cursor.begun:
        query.append(("tailLines", str(tail)))
    return query


def _current(status: ContainerStatus) -> str:
    if status.state.running is not None:
        return status.container_id
    return status.state.terminated.container_id if status.state.terminated else ""


async def last_lines(cluster: Cluster, pod: PodRow, count: int) -> list[str]:
    """The last lines of a pod's containers, for an error message; a line for what cannot be read."""
    found: list[str] = []
    async for item in history(cluster, sources(pod, tail=count), tail=count):
        if isinstance(item, LogLine):
            found.append(f"{item.pod}/{item.container}: {item.text}")
        elif isinstance(item, LogLost):
            found.append(f"{item.pod}/{item.container}: log cannot be read: {item.reason}")
    return found[-count:]
