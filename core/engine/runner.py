"""Walks a graph: every step as soon as what it requires is done, whatever the others do."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.engine.events import Outcome, RunState
from core.engine.execution import Ending, Execution, conclude
from core.engine.journal import Journal
from core.engine.plan import sentence
from core.engine.policy import Policy
from core.engine.step import Graph, Step
from core.engine.traces import keep_trace

GOOD: frozenset[Outcome] = frozenset(("done", "unchanged"))
NOT_STARTED = "not started: the run was cancelled"


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed, with the sentence that says why."""

    step: str
    target: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended; `endings` has every step that was reached by a graph, `trouble` what failed outside of steps."""

    state: RunState
    endings: Mapping[str, Ending] = field(default_factory=lambda: MappingProxyType({}))
    failed: tuple[Failure, ...] = ()
    trouble: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """How many steps ended in which way."""
        return dict(Counter(ending.outcome for ending in self.endings.values()))


class Runner:
    """Runs one graph once.

    A failed step stops only what depends on it. After `cancel` nothing begins; what runs may finish within the
    policy's grace and is then stopped, and the journal says what is half done.
    """

    def __init__(
        self,
        journal: Journal,
        graph: Graph,
        policy: Policy | None = None,
    ) -> None:
        self._journal = journal
        self._graph = graph
        self._policy = policy or Policy()
        self._cancelled = asyncio.Event()
        self._at_once = asyncio.Event()
        self._slots = asyncio.Semaphore(self._policy.concurrency)
        self._ended = {step.id: asyncio.Event() for step in graph.steps}
        self._endings: dict[str, Ending] = {}

    def cancel(self, at_once: bool = False) -> None:
        """Begin nothing more; `at_once` ends the grace of what still runs, also in a second call."""
        self._cancelled.set()
        if at_once:
            self._at_once.set()

    async def run(self) -> Result:
        """Walk the graph to its end; never raises for what a step does.

        When the calling task itself is cancelled, running steps are stopped at once, written down and the
        cancellation goes on.
        """
        tasks = {asyncio.create_task(self._walk(step), name=step.id): step for step in self._graph.steps}
        try:
            await self._until_ended(set(tasks))
        except asyncio.CancelledError:
            self.cancel(at_once=True)
            await self._stop(set(tasks))
            raise
        finally:
            await self._give_up_on(tasks)
        return self._result()

    async def _until_ended(self, tasks: set[asyncio.Task[None]]) -> None:
        if not tasks:
            return
        walk = asyncio.ensure_future(asyncio.wait(tasks))
        stop = asyncio.ensure_future(self._stop_when_cancelled(tasks))
        try:
            await asyncio.wait({walk, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            walk.cancel()
            stop.cancel()

    async def _stop_when_cancelled(self, tasks: set[asyncio.Task[None]]) -> None:
        await self._cancelled.wait()
        at_once = asyncio.ensure_future(self._at_once.wait())
        finished = asyncio.ensure_future(asyncio.wait(tasks))
        try:
            await asyncio.wait({at_once, finished}, timeout=self._policy.grace, return_when=asyncio.FIRST_COMPLETED)
        finally:
            at_once.cancel()
            finished.cancel()
        await self._stop(tasks)

    async def _stop(self, tasks: set[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=self._policy.abort)

    async def _give_up_on(self, tasks: Mapping[asyncio.Task[None], Step]) -> None:
        """Write down the steps that did not even stop when they were told to."""
        for task, step in tasks.items():
            if not task.done():
                text = f"{step.target} {step.phase}: did not stop within {self._policy.abort:.0f} s after the cancel"
                self._endings[step.id] = await conclude(self._journal, step, Ending("cancelled", text))

    async def _walk(self, step: Step) -> None:
        try:
            self._endings[step.id] = await self._outcome(step)
        except asyncio.CancelledError:
            self._endings[step.id] = await conclude(self._journal, step, Ending("skipped", NOT_STARTED))
        except Exception as error:
            # Not the step's failure but one of writing about it; the others must not wait for it for ever.
            where = keep_trace(self._journal.store.home, self._journal.deployment, step.id, error)
            self._endings[step.id] = Ending("failed", f"{sentence(error)} – {where}")
        finally:
            self._ended[step.id].set()

    async def _outcome(self, step: Step) -> Ending:
        for need in sorted(step.requires):
            await self._ended[need].wait()
        reason = self._reason_to_skip(step)
        if reason:
            return await conclude(self._journal, step, Ending("skipped", reason))
        async with self._slots:
            if self._cancelled.is_set():
                return await conclude(self._journal, step, Ending("skipped", NOT_STARTED))
            return await Execution(step, self._journal, self._policy, self._cancelled).run()

    def _reason_to_skip(self, step: Step) -> str:
        """Why the step must not begin: the failed steps at the root of it, or the cancel; empty where it may."""
        endings = [(need, self._endings[need]) for need in sorted(step.requires)]
        failed = [need for need, ending in endings if ending.outcome == "failed"]
        if failed:
            return f"not started: {', '.join(failed)} failed"
        inherited = [ending.text for _, ending in endings if ending.outcome == "skipped"]
        if inherited:
            return inherited[0]
        return "" if all(ending.outcome in GOOD for _, ending in endings) else NOT_STARTED

    def _result(self) -> Result:
        endings = {step.id: self._endings[step.id] for step in self._graph.steps}
        failed = tuple(
            Failure(step.id, step.target, step.title, endings[step.id].text)
            for step in self._graph.steps
            if endings[step.id].outcome == "failed"
        )
        return Result(self._state(endings), MappingProxyType(endings), failed)

    def _state(self, endings: Mapping[str, Ending]) -> RunState:
        cut_short = any(end.outcome == "cancelled" or end.text == NOT_STARTED for end in endings.values())
        if cut_short:
            return "cancelled"
        return "failed" if any(end.outcome == "failed" for end in endings.values()) else "succeeded"
