"""Taking a node out of use: cordon, evict its pods, see them gone; and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.engine.errors import Refusal, Transient, Trouble
from core.engine.step import Report
from core.kube import paths
from core.kube.access import Cluster
from core.kube.problems import Busy, Conflict
from core.kube.rows import PodRow
from core.kube.watch import Added, Deleted, Modified, Synced, watch
from core.kube.words import pod_finished

_MIRROR = "kubernetes.io/config.mirror"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 5.0
_DELETE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Leavers:
    """A node's pods, by what draining does with them.

    `moved` are evicted and come up elsewhere, `orphans` have no controller that would bring them back, `kept` belong
    to the node (DaemonSet and static pods). `losing` are those of the first two whose temporary volumes are lost.
    """

    moved: tuple[PodRow, ...]
    orphans: tuple[PodRow, ...]
    kept: tuple[PodRow, ...]
    losing: tuple[PodRow, ...]


def sort_pods(pods: Sequence[PodRow]) -> Leavers:
    """Sort a node's pods by what draining does with them."""
    kept = tuple(pod for pod in pods if _of_the_node(pod))
    leaving = [pod for pod in pods if not _of_the_node(pod)]
    orphans = tuple(pod for pod in leaving if not _controlled(pod) and not pod_finished(pod))
    moved = tuple(pod for pod in leaving if pod not in orphans)
    losing = tuple(pod for pod in leaving if not pod_finished(pod) and _has_temporary_volume(pod))
    return Leavers(moved, orphans, kept, losing)


async def cordon(cluster: Cluster, node: str) -> bool:
    """Let no new pod onto the node; False where there is no such node."""
    return await _unschedulable(cluster, node, True)


async def uncordon(cluster: Cluster, node: str) -> bool:
    """Let pods onto the node again; False where there is no such node."""
    return await _unschedulable(cluster, node, None)


async def delete_node(cluster: Cluster, node: str) -> bool:
    """Remove the node's object; False where it was gone."""
    return await cluster.delete(paths.node(node))


async def drain(
    cluster: Cluster,
    node: str,
    report: Report,
    *,
    deadline: float = 300.0,
    force: bool = False,
    grace: int | None = None,
) -> None:
    """Cordon the node and evict its pods within `deadline` seconds; returns when they are gone.

    Budgets are respected: a refused eviction is tried again until the deadline. `force` gives up pods that nothing
    brings back, and after the deadline deletes what is left against its budget, each with a warning in the report.
    A node that does not exist is drained.

    Raises:
        Refusal: pods without a controller, and no `force`.
        Trouble: the deadline passed, and no `force`; the text names the pods and what holds them.
    """
    if not await cordon(cluster, node):
        return
    fields = f"spec.nodeName={node}"
    leavers = sort_pods(await cluster.list(paths.pods(), PodRow, fields=fields))
    _say(leavers, node, report, cluster.name, force)
    leaving = (*leavers.moved, *leavers.orphans)
    if not leaving:
        return
    async with _departures(cluster, fields, leaving) as gone:
        eviction = _Eviction(cluster, gone, report, grace)
        left = await eviction.all(leaving, deadline)
        if left and not force:
            raise _held(left, node, cluster.name, deadline)
        for pod, reason in left:
            report(f"pod {_name(pod)} is deleted without regard to its budget or grace: {reason}", "warning")
            await _delete(cluster, pod, gone[pod.metadata.uid])


def _say(leavers: Leavers, node: str, report: Report, where: str, force: bool) -> None:
    if leavers.orphans and not force:
        raise Refusal(
            f"nothing brings these pods of node {node} back: {_names(leavers.orphans)}",
            where=where,
            fix="move or delete them first, or drain with force and lose them",
        )
    for pod in leavers.orphans:
        report(f"pod {_name(pod)} has no controller: it is lost", "warning")
    for pod in leavers.losing:
        report(f"pod {_name(pod)} loses the content of its temporary volumes", "warning")
    moving = len(leavers.moved) + len(leavers.orphans)
    report(f"draining {node}: {moving} pods leave, {len(leavers.kept)} stay with the node")


@asynccontextmanager
async def _departures(cluster: Cluster, fields: str, pods: Sequence[PodRow]) -> AsyncIterator[dict[str, asyncio.Event]]:
    """An event for each pod, set when the cluster says that it is gone."""
    gone = {pod.metadata.uid: asyncio.Event() for pod in pods}
    task = asyncio.create_task(_look(cluster, fields, gone))
    try:
        yield gone
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _look(cluster: Cluster, fields: str, gone: dict[str, asyncio.Event]) -> None:
    here: set[str] = set()
    async for delta in watch(cluster, paths.pods(), PodRow, fields=fields):
        if isinstance(delta, Added | Modified):
            here.add(delta.row.metadata.uid)
        elif isinstance(delta, Deleted):
            here.discard(delta.row.metadata.uid)
        if isinstance(delta, Deleted | Synced):
            for uid in gone.keys() - here:
                gone[uid].set()


class _Eviction:
    """Evicts pods all at once, each as its budget lets it, and knows what holds those that are still there."""

    def __init__(self, cluster: Cluster, gone: dict[str, asyncio.Event], report: Report, grace: int | None) -> None:
        self._cluster = cluster
        self._gone = gone
        self._report = report
        self._grace = grace
        self._reasons = dict.fromkeys(gone, "not gone yet")

    async def all(self, pods: Sequence[PodRow], deadline: float) -> list[tuple[PodRow, str]]:
        """The pods that are left at the deadline, each with the reason."""
        tasks = [asyncio.create_task(self._one(pod)) for pod in pods]
        try:
            done, _ = await asyncio.wait(tasks, timeout=deadline, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        left = [pod for pod in pods if not self._gone[pod.metadata.uid].is_set()]
        return [(pod, self._reasons[pod.metadata.uid]) for pod in left]

    async def _one(self, pod: PodRow) -> None:
        uid, pause = pod.metadata.uid, _FIRST_PAUSE
        while not self._gone[uid].is_set():
            try:
                await self._cluster.evict(pod.metadata.namespace, pod.metadata.name, uid=uid, grace=self._grace)
            except Conflict:
                # A newer pod has the name: the one that was to leave is gone, as the watch is about to say.
                await self._gone[uid].wait()
            except Transient as error:
                self._note(pod, error)
                asked = error.retry_after if isinstance(error, Busy) else None
                await _wait(self._gone[uid], asked or pause)
                pause = min(_LONGEST_PAUSE, pause * 2)
            else:
                self._reasons[uid] = "evicted, but its node does not say that it ended"
                await self._gone[uid].wait()
        self._report(f"pod {_name(pod)} is gone")

    def _note(self, pod: PodRow, error: Transient) -> None:
        if self._reasons[pod.metadata.uid] != error.what:
            self._report(f"pod {_name(pod)} waits: {error.what}", "warning")
        self._reasons[pod.metadata.uid] = error.what


async def _wait(gone: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await gone.wait()
    except TimeoutError:
        return


async def _delete(cluster: Cluster, pod: PodRow, gone: asyncio.Event) -> None:
    path = paths.pod(pod.metadata.namespace, pod.metadata.name)
    try:
        await cluster.delete(path, uid=pod.metadata.uid, grace=0)
        async with asyncio.timeout(_DELETE_SECONDS):
            await gone.wait()
    except Conflict:
        return
    except TimeoutError:
        fix = "something holds it with a finalizer: see its metadata"
        raise Trouble(f"pod {_name(pod)} was deleted and is still there", where=cluster.name, fix=fix) from None


async def _unschedulable(cluster: Cluster, node: str, value: bool | None) -> bool:
    if await cluster.fetch(paths.node(node)) is None:
        return False
    await cluster.patch(paths.node(node), {"spec": {"unschedulable": value}})
    return True


def _held(left: Sequence[tuple[PodRow, str]], node: str, where: str, deadline: float) -> Trouble:
    held = "; ".join(f"{_name(pod)} – {reason}" for pod, reason in left)
    return Trouble(
        f"node {node} is not empty after {deadline:.0f} s: {held}",
        where=where,
        fix="give the workloads more replicas or loosen their budgets, then try again, or drain with force",
    )


def _of_the_node(pod: PodRow) -> bool:
    owned = any(owner.kind == "DaemonSet" and owner.controller for owner in pod.metadata.owner_references)
    return (owned and not pod_finished(pod)) or _MIRROR in pod.metadata.annotations


def _controlled(pod: PodRow) -> bool:
    return any(owner.controller for owner in pod.metadata.owner_references)


def _has_temporary_volume(pod: PodRow) -> bool:
    return any(volume.empty_dir is not None for volume in pod.spec.volumes)


def _name(pod: PodRow) -> str:
    return f"{pod.metadata.namespace}/{pod.metadata.name}"


def _names(pods: Sequence[PodRow]) -> str:
    return ", ".join(_name(pod) for pod in pods)
