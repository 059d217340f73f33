"""Carrying out an operation on its objects: asked whether it may, written down, told as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from core.actions import Action, Selection, action
from core.engine.errors import Refusal, Trouble
from core.live.api import Arguments
from core.live.objects import ClusterRef, Right, Rights, Target
from core.live.operations import Finished, Level, Progress
from core.operations.commands import command_line
from core.operations.handlers import HANDLERS, Handler, Job
from core.operations.journal import Journal, Open
from core.operations.reach import Reach
from core.status import ComponentStatus, EnvironmentStatus, NodeStatus
from core.store.store import Store

AT_ONCE = 8
"""Objects of one operation that are worked on at the same time."""

READ_ONLY = "read-only"
"""The store's key for whether nothing may be changed in an environment."""


async def review(reach: Reach, wanted: Sequence[tuple[ClusterRef, Right]]) -> Rights:
    """The answers of access reviews; those of a cluster that does not answer are left out."""
    by_cluster: dict[ClusterRef, list[Right]] = {}
    for ref, right in wanted:
        by_cluster.setdefault(ref, []).append(right)
    found: dict[tuple[ClusterRef, Right], str | None] = {}
    for ref, rights in by_cluster.items():
        try:
            answers = await (await reach.way(ref)).reviews.answers(rights)
        except Trouble:
            continue
        found |= {(ref, right): answer for right, answer in answers.items()}
    return Rights(found)


class Performing:
    """Performs the registry's live actions for one home directory."""

    def __init__(self, store: Store, reach: Reach, journal: Journal) -> None:
        self._store = store
        self._reach = reach
        self._journal = journal

    async def perform(
        self, name: str, targets: Sequence[Target], arguments: Arguments
    ) -> AsyncGenerator[Progress | Finished, None]:
        """Do it to every target and tell how it goes; closing the generator cancels what is under way.

        Raises:
            Refusal: there is no such operation, or it is not possible now.
        """
        wanted, handler = _known(name)
        if not targets:
            raise Refusal(f"{wanted.title}: nothing is selected")
        await self.refuse(wanted, targets)
        first = targets[0]
        places = {(target.cluster.environment, target.cluster.cluster) for target in targets}
        environment, cluster = next(iter(places)) if len(places) == 1 else (first.cluster.environment, "")
        subject = ", ".join(str(target) for target in targets)
        command = command_line(name, targets, arguments)
        with self._journal.entry(
            name, environment=environment, cluster=cluster, subject=subject, command=command
        ) as entry:
            work = _Work(self._reach, handler, wanted, arguments, entry, len(targets) > 1)
            async with aclosing(work.told(targets)) as told:
                async for one in told:
                    yield one
        # Written before it is told: whoever hears the end may look it up.
        yield work.finished(len(targets))

    async def refuse(self, wanted: Action, targets: Sequence[Target]) -> None:
        """Raises `Refusal` with the reason why it is not possible; nothing where it is."""
        asked = [(target.cluster, need.of(target)) for target in targets for need in wanted.needs]
        rights = await review(self._reach, asked)
        environments = dict.fromkeys(target.cluster.environment for target in targets)
        for environment in environments:
            here = tuple(target for target in targets if target.cluster.environment == environment)
            selection = Selection(self._status(environment), None, here, rights, self.read_only())
            if reason := wanted.refusal(selection):
                raise Refusal(reason, where=environment)

    def read_only(self) -> frozenset[str]:
        """The environments in which nothing may be changed."""
        names = [record.name for record in self._store.environments.list()]
        return frozenset(name for name in names if self._store.values.get(name, "", READ_ONLY, False))

    def _status(self, environment: str) -> EnvironmentStatus:
        """As much of the environment as guards look at: which machines it has."""
        record = self._store.environments.require(environment)
        machines = self._store.machines.list(environment)
        nodes = tuple(NodeStatus(one.name, "worker", False, one.address or "") for one in machines)
        parts = (ComponentStatus(environment, "KubernetesCluster", nodes=nodes),)
        return EnvironmentStatus(environment, record.status, "", False, parts, deployed=True)


@dataclass(slots=True)
class _Work:
    """One operation under way."""

    reach: Reach
    handler: Handler
    action: Action
    arguments: Arguments
    entry: Open
    several: bool = False
    queue: asyncio.Queue[Progress | None] = field(default_factory=asyncio.Queue)
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    done: list[str] = field(default_factory=list)

    async def told(self, targets: Sequence[Target]) -> AsyncGenerator[Progress, None]:
        """Work on all targets."""
        task = asyncio.create_task(self._all(targets))
        try:
            while (progress := await self.queue.get()) is not None:
                yield progress
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self.entry.text = self._sum(len(targets))

    def finished(self, wanted: int) -> Finished:
        """How it ended."""
        return Finished(self.entry.text, len(self.done), wanted - len(self.done))

    async def _all(self, targets: Sequence[Target]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for target in targets:
                    group.create_task(self._one(target))
        finally:
            self.queue.put_nowait(None)

    async def _one(self, target: Target) -> None:
        def say(text: str, level: Level) -> None:
            self.queue.put_nowait(Progress(text, level, target))

        async with self.gate:
            try:
                cluster = (await self.reach.way(target.cluster)).cluster
                text = await self.handler(Job(cluster, self.reach, target, self.arguments, say))
            except Trouble as trouble:
                self.entry.errors.append(f"{target}: {trouble}")
                say(f"{target}: {trouble}", "error")
                return
        self.done.append(text)
        if self.several:
            say(text, "info")

    def _sum(self, wanted: int) -> str:
        if wanted == 1:
            return self.done[0] if self.done else (self.entry.errors or [f"{self.action.title}: not done"])[0]
        return f"{self.action.title}: {len(self.done)} of {wanted} done"


def _known(name: str) -> tuple[Action, Handler]:
    try:
        return action(name), HANDLERS[name]
    except KeyError:
        raise Refusal(f"there is no operation {name}", fix=f"one of {', '.join(sorted(HANDLERS))}") from None
