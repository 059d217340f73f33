"""Following logs: every container of a pod or of a selector's pods, through cuts, restarts and new pods."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from core.engine.errors import Trouble
from core.kube import paths
from core.kube.access import Cluster
from core.kube.log_lines import LogItem, LogLost, LogRestarted
from core.kube.logs import Run, Source, chunks, history, run_of, sources
from core.kube.problems import Silent
from core.kube.rows import PodRow
from core.kube.watch import Deleted, Lost, Synced, watch
from core.kube.words import pod_finished

# Batches of one network read each: a slow reader stops the streams, not the memory.
_QUEUE = 64
MOST_STREAMS = 200
_BATCH = 500
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 10.0


async def follow(
    cluster: Cluster,
    namespace: str,
    *,
    labels: str = "",
    pod: str = "",
    container: str = "",
    since: int | None = None,
    tail: int | None = None,
) -> AsyncGenerator[Sequence[LogItem], None]:
    """The logs of one pod (`pod`) or of all that match `labels`, in batches: first what is there, by time.

    An empty batch says that all that was there has been told. An empty `namespace` means all of them. At most 200
    containers are read at once; that others are not is told. `since` is in nanoseconds since the epoch, `tail` a count
    per container, at least 1. Ends when the one pod is gone or finished; goes on without end for a selector, with pods
    that come later from their first line.

    Raises:
        Trouble: the one pod does not exist.
    """
    if bool(labels) == bool(pod):
        raise ValueError("follow either one pod or a selector")
    following = _Following(cluster, namespace, pod, _Wanted(container, since, tail))
    task = asyncio.create_task(following.guarded(following.watch(labels)))
    try:
        while (batch := await following.queue.get()) is not None:
            if isinstance(batch, Exception):
                raise batch
            yield batch
    finally:
        tasks = [task, *following.tasks]
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for of each pod's logs."""

    container: str
    since: int | None
    tail: int | None

    def sources(self, pod: PodRow) -> list[Source]:
        return sources(pod, self.container, since=self.since, tail=self.tail)


class _Following:
    """The pods that are followed, and a task for each of their containers."""

    def __init__(self, cluster: Cluster, namespace: str, pod: str, wanted: _Wanted) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._pod = pod
        self._wanted = wanted
        self._pods: dict[str, PodRow] = {}
        self._changed = asyncio.Condition()
        self._begun: set[str] = set()
        self.queue: asyncio.Queue[Sequence[LogItem] | Exception | None] = asyncio.Queue(_QUEUE)
        self.tasks: set[asyncio.Task[None]] = set()

    async def guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work; what goes wrong with it is raised to whoever reads."""
        try:
            await work
        except Exception as error:
            await self.queue.put(error)

    async def watch(self, labels: str) -> None:
        """Keep the pods as the cluster says, and begin with the containers of new ones."""
        fields = f"metadata.name={self._pod}" if self._pod else ""
        first = True
        path = paths.pods(self._namespace or None)
        async for delta in watch(self._cluster, path, PodRow, labels=labels, fields=fields):
            if isinstance(delta, Lost):
                continue
            if isinstance(delta, Synced):
                await self._synced(first)
                first = False
                continue
            await self._note(delta.row, gone=isinstance(delta, Deleted))
            if not first:
                await self._begin([found for found in self._pods.values() if found.metadata.uid not in self._begun])

    async def _synced(self, first: bool) -> None:
        if self._pod and first and not self._pods:
            where = f"{self._cluster.name}/{self._namespace}"
            raise Trouble(f"there is no pod {self._pod}", where=where, fix="list the pods to see their names")
        if first:
            await self._tell_history()

    async def _tell_history(self) -> None:
        pods = list(self._pods.values())
        found = [each for pod in pods for each in self._wanted.sources(pod)]
        if self._pod and not found:
            raise Trouble(f"pod {self._pod} has no container {self._wanted.container}", where=self._cluster.name)
        for source in found:
            run = run_of(source.pod, source.container)
            source.run = run.id if run else ""
        batch: list[LogItem] = []
        async for item in history(self._cluster, found, tail=self._wanted.tail):
            batch.append(item)
            if len(batch) == _BATCH:
                await self.queue.put(batch)
                batch = []
        if batch:
            await self.queue.put(batch)
        await self.queue.put(())
        self._begun.update(pod.metadata.uid for pod in pods)
        await self._start(found)

    async def _begin(self, pods: Sequence[PodRow]) -> None:
        """A pod that came after the first look is told from its first line."""
        self._begun.update(pod.metadata.uid for pod in pods)
        await self._start([source for pod in pods for source in sources(pod, self._wanted.container)])

    async def _start(self, found: Sequence[Source]) -> None:
        room = MOST_STREAMS - len(self.tasks)
        for source in found[max(0, room) :]:
            reason = f"it is not read: {MOST_STREAMS} containers are read already"
            await self.queue.put([LogLost(source.name, source.container, reason, source.namespace)])
        for source in found[: max(0, room)]:
            task = asyncio.create_task(self.guarded(self._follow(source)))
            self.tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if self._pod and not self.tasks and not task.cancelled():
            self.tasks.add(asyncio.create_task(self.queue.put(None)))

    async def _note(self, row: PodRow, *, gone: bool) -> None:
        async with self._changed:
            if gone:
                self._pods.pop(row.metadata.uid, None)
                self._begun.discard(row.metadata.uid)
            elif not _older(row, self._pods.get(row.metadata.uid)):
                self._pods[row.metadata.uid] = row
            self._changed.notify_all()

    async def _look_again(self, source: Source) -> None:
        """See which run is there before reading on: the watch may tell of a restart later than the log shows it."""
        path = paths.pod(source.pod.metadata.namespace, source.name)
        try:
            row = await self._cluster.read(path, PodRow)
        except Trouble:
            # The read that follows meets the same trouble, and tells it.
            return
        if row is None or row.metadata.uid != source.pod.metadata.uid:
            await self._note(source.pod, gone=True)
        else:
            await self._note(row, gone=False)

    async def _follow(self, source: Source) -> None:
        """Read every run of a container, until its pod is gone or has finished."""
        pause = _FIRST_PAUSE
        while (run := await self._readable(source)) is not None:
            await self._turn_to(source, run)
            lines, trouble = await self._pump(source, follow=run.running)
            source.ended = trouble is None and not run.running
            if lines:
                pause = _FIRST_PAUSE
            if trouble is not None:
                await self.queue.put([LogLost(source.name, source.container, trouble, source.namespace)])
            if not source.ended:
                await self._wait_for_news(source, run, pause)
                await self._look_again(source)
                pause = min(_LONGEST_PAUSE, pause * 2)

    async def _readable(self, source: Source) -> Run | None:
        """The run to read next or further, once there is one; None where no further one will come."""
        async with self._changed:
            while (pod := self._pods.get(source.pod.metadata.uid)) is not None:
                source.pod = pod
                run = run_of(pod, source.container)
                if run is not None and not (source.ended and run.id == source.run):
                    return run
                if pod_finished(pod):
                    return None
                await self._changed.wait()
        return None

    async def _turn_to(self, source: Source, run: Run) -> None:
        """Where a new run began meanwhile, tell the rest of the old one and that there was a restart."""
        if source.run and run.id != source.run:
            if not source.ended and run.previous == source.run:
                await self._pump(source, follow=False, previous=True)
            await self.queue.put([LogRestarted(source.name, source.container, run.restarts, source.namespace)])
        source.run = run.id

    async def _pump(self, source: Source, *, follow: bool, previous: bool = False) -> tuple[int, str | None]:
        """Pass lines on until the stream ends: their count, and the trouble that cut it (None: it ended itself)."""
        count = 0
        try:
            async for lines in chunks(self._cluster, source, follow=follow, previous=previous):
                count += len(lines)
                await self.queue.put(lines)
        except Silent:
            return count, None
        except Trouble as error:
            return count, str(error)
        return count, None

    async def _wait_for_news(self, source: Source, run: Run, pause: float) -> None:
        """Until the pod says that the run is over, or until it is time to try again."""

        def over() -> bool:
            pod = self._pods.get(source.pod.metadata.uid)
            return pod is None or run_of(pod, source.container) != run

        async with self._changed:
            try:
                async with asyncio.timeout(pause):
                    await self._changed.wait_for(over)
            except TimeoutError:
                return


def _older(row: PodRow, known: PodRow | None) -> bool:
    """Whether the watch tells an older state than a look at the pod has shown already."""
    versions = [each.metadata.resource_version for each in (row, known) if each is not None]
    return (
        len(versions) == 2 and all(version.isdecimal() for version in versions) and int(versions[0]) < int(versions[1])
    )
