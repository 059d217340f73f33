"""One deployment from lock to release: stages of graphs, each built when the one before is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType

from core.engine.bus import Bus
from core.engine.errors import Trouble
from core.engine.events import RunCancelled, RunFinished, RunStarted, StageStarted, StepInfo
from core.engine.journal import Journal
from core.engine.lock import BEAT_SECONDS, Lock, acquire, current_user
from core.engine.plan import sentence
from core.engine.policy import Policy
from core.engine.runner import Result, Runner
from core.engine.session import Session
from core.engine.step import Graph, Level, Report
from core.engine.traces import keep_trace
from core.store import Deployment, Draft, Store

Stage = Callable[[Report], Awaitable[Graph]]


@dataclass(frozen=True, slots=True)
class Order:
    """What to run: the action's name, the document it deploys, and where that came from.

    `base` is the version of the environment that the document was made from, None to deploy without asking; a
    `draft` knows its own. `deleting` is for a run that takes the environment down. `owner` is the user by default.
    """

    environment: str
    action: str
    document: str
    base: int | None = None
    draft: Draft | None = None
    deleting: bool = False
    owner: str | None = None


class Run:
    """A run that can be cancelled from outside; `execute` may be called once."""

    def __init__(
        self,
        store: Store,
        order: Order,
        stages: Sequence[Stage],
        bus: Bus | None = None,
        policy: Policy | None = None,
    ) -> None:
        self._store = store
        self._order = order
        self._stages = tuple(stages)
        self._policy = policy or Policy()
        self.bus = bus or Bus()
        self._reason = ""
        self._at_once = False
        self._runner: Runner | None = None
        self._building: asyncio.Future[Graph] | None = None

    def cancel(self, reason: str = "cancelled by the operator", at_once: bool = False) -> None:
        """Begin nothing more; running steps get the policy's grace, which a second call ends.

        To be called in the run's event loop, as from a signal handler of it.
        """
        self._at_once = self._at_once or at_once or bool(self._reason)
        if not self._reason:
            self._reason = reason
            grace = 0.0 if self._at_once else self._policy.grace
            self.bus.publish(RunCancelled(time=self._policy.now(), reason=reason, grace=grace))
        if self._building is not None:
            self._building.cancel()  # building a graph touches nothing
        if self._runner is not None:
            self._runner.cancel(self._at_once)

    async def execute(self) -> Result:
        """Run all stages; how it ended is stored, and the lock is free, when this returns or raises.

        Raises:
            Refusal: another run is live, or the document is stale. Nothing was recorded then.
            Trouble: the database or the run's socket cannot be used.
        """
        order = self._order
        lock = acquire(self._store, order.environment, order.owner)
        try:
            deployment = self._begin()
            return await self._locked(lock, deployment)
        finally:
            lock.release()
            await self.bus.close()

    def _begin(self) -> Deployment:
        order = self._order
        return self._store.deployments.begin(
            order.environment,
            order.action,
            order.document,
            order.owner or current_user(),
            base=order.base,
            draft=order.draft,
            deleting=order.deleting,
        )

    async def _locked(self, lock: Lock, deployment: Deployment) -> Result:
        journal = Journal(self._store, deployment, self.bus, self._policy.now)
        session = Session(self._store.home, deployment.environment, self.bus, self.cancel)
        beating = asyncio.create_task(self._beat(lock))
        result = Result("cancelled", trouble="the process was told to stop")
        try:
            await session.open()
            result = await self._told(lock, journal)
            return result
        except Exception as error:
            result = Result("failed", trouble=sentence(error))
            raise
        finally:
            beating.cancel()
            await self._finish(journal, session, lock, result)

    async def _told(self, lock: Lock, journal: Journal) -> Result:
        """Run the stages with the report's first and last lines around them."""
        self._announce(lock, journal)
        result = await self._run_stages(journal)
        if result.trouble:
            journal.line("", result.trouble, "error")
        ends = {"succeeded": "finished", "failed": "failed", "cancelled": "was cancelled"}[result.state]
        level: Level = "info" if result.state == "succeeded" else "error"
        journal.line("", f"{self._order.action} {ends}", level)
        return result

    def _announce(self, lock: Lock, journal: Journal) -> None:
        deployment, record = journal.deployment, lock.record
        self.bus.publish(
            RunStarted(
                time=deployment.started,
                environment=deployment.environment,
                deployment=deployment.number,
                action=deployment.action,
                owner=deployment.owner,
                host=record.host,
                pid=record.pid,
            )
        )
        journal.line("", f"{deployment.action} started by {deployment.owner}")
        for earlier in lock.interrupted:
            self._tell_interrupted(earlier, journal)

    def _tell_interrupted(self, earlier: Deployment, journal: Journal) -> None:
        journal.line(
            "", f"deployment {earlier.number} ({earlier.action}) was interrupted: going on from there", "warning"
        )
        for entry in self._store.journal.unfinished(earlier.id):
            text = f"{entry.target} {entry.phase}: was applying {entry.text}; looking at what came of it"
            journal.line(entry.component, text, "warning", entry.step, entry.target)

    async def _run_stages(self, journal: Journal) -> Result:
        total = Result("succeeded")
        for number, stage in enumerate(self._stages, start=1):
            result = await self._run_stage(journal, stage, number)
            total = _joined(total, result)
            if total.state != "succeeded":
                break
        return total

    async def _run_stage(self, journal: Journal, stage: Stage, number: int) -> Result:
        if self._reason:
            return Result("cancelled")
        try:
            graph = await self._build(stage, journal)
        except asyncio.CancelledError:
            if not self._reason:
                raise
            return Result("cancelled")
        except Exception as error:
            return Result("failed", trouble=self._explained(journal, number, error))
        self._publish_stage(graph, number)
        self._runner = Runner(journal, graph, self._policy)
        try:
            return await self._runner.run()
        finally:
            self._runner = None

    async def _build(self, stage: Stage, journal: Journal) -> Graph:
        self._building = asyncio.ensure_future(stage(journal.report()))
        try:
            return await self._building
        finally:
            self._building.cancel()
            self._building = None

    def _explained(self, journal: Journal, number: int, error: Exception) -> str:
        if isinstance(error, Trouble):
            return sentence(error)
        where = keep_trace(self._store.home, journal.deployment, f"stage {number}", error)
        return f"{sentence(error)} – {where}"

    def _publish_stage(self, graph: Graph, number: int) -> None:
        seconds = self._store.journal.durations(self._order.environment)
        steps = tuple(
            StepInfo(
                id=step.id,
                component=step.component,
                target=step.target,
                phase=step.phase,
                title=step.title,
                requires=tuple(sorted(step.requires)),
                estimate=seconds.get(step.phase),
            )
            for step in graph.steps
        )
        self.bus.publish(StageStarted(time=self._policy.now(), stage=number, stages=len(self._stages), steps=steps))

    async def _beat(self, lock: Lock) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            # A database that is busy for a moment is no reason to stop: the next beat comes soon.
            with suppress(Trouble):
                if not await asyncio.to_thread(lock.beat):
                    self.cancel("another run has taken over", at_once=True)
                    return

    async def _finish(self, journal: Journal, session: Session, lock: Lock, result: Result) -> None:
        """Store the end, free the environment, and only then tell the listeners."""
        trouble = result.trouble
        try:
            await self._store_end(journal, result)
        except Trouble as error:
            trouble = f"the end of the run cannot be stored: {sentence(error)}"
            raise
        finally:
            session.stop_listening()
            lock.release()
            self._publish_end(journal.deployment, result, trouble)
            await self.bus.close()
            await session.close()

    async def _store_end(self, journal: Journal, result: Result) -> None:
        try:
            await journal.close()
        finally:
            self._store.deployments.end(journal.deployment.id, result.state)

    def _publish_end(self, deployment: Deployment, result: Result, trouble: str) -> None:
        self.bus.publish(
            RunFinished(
                time=self._policy.now(),
                deployment=deployment.number,
                state=result.state,
                counts=result.counts,
                text=trouble,
            )
        )


def _joined(first: Result, second: Result) -> Result:
    endings = MappingProxyType({**first.endings, **second.endings})
    return replace(second, endings=endings, failed=first.failed + second.failed)


async def run(
    store: Store,
    order: Order,
    stages: Sequence[Stage],
    bus: Bus | None = None,
    policy: Policy | None = None,
) -> Result:
    """Run an order to its end; see `Run.execute`."""
    return await Run(store, order, stages, bus, policy).execute()
