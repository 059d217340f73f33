"""One step's life in a run: probe, write the intent, apply, probe again; tried again where that may help."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.engine.changes import count, diff_text, summarise
from core.engine.errors import Trouble, Unsettled
from core.engine.events import ApplyStarted, Outcome, StepFinished, StepRetried, StepStarted
from core.engine.journal import Journal
from core.engine.plan import sentence
from core.engine.policy import Policy, Retry
from core.engine.redact import redact
from core.engine.step import Change, Level, Step
from core.engine.traces import keep_trace


@dataclass(frozen=True, slots=True)
class Ending:
    """How a step ended: `text` says what was changed, why it failed, or what is half done."""

    outcome: Outcome
    text: str = ""
    seconds: float = 0.0
    attempts: int = 0


class CancelledBetween(Exception):
    """The run was cancelled while the step was between two actions: nothing is half done by it."""


@dataclass(slots=True)
class Execution:
    """Brings one step about; `cancelled` is set when the run shall begin nothing new."""

    step: Step
    journal: Journal
    policy: Policy
    cancelled: asyncio.Event
    _began: float = 0.0
    _attempt: int = 0
    _failures: Counter[Retry] = field(default_factory=Counter)
    _doing: str = ""
    _last_error: str = ""
    _changes: tuple[Change, ...] = ()

    async def run(self) -> Ending:
        """Run the step to its end, whatever that is, and write it down.

        A cancel of the calling task is taken as the order to stop at once: it ends the step, not the caller.
        """
        self._began = self.policy.clock()
        self.journal.bus.publish(StepStarted(time=self.journal.clock(), step=self.step.id))
        ending = await self._ended()
        return await conclude(self.journal, self.step, ending)

    async def _ended(self) -> Ending:
        try:
            async with asyncio.timeout(self.step.deadline) as deadline:
                outcome = await self._until_done()
            return self._ending(outcome, summarise(self._changes))
        except asyncio.CancelledError:
            return self._stopped()
        except CancelledBetween:
            return self._ending("cancelled", self._half_done())
        except Exception as error:
            if deadline.expired():
                return self._ending("failed", self._overdue())
            return self._ending("failed", self._explained(error))

    def _stopped(self) -> Ending:
        task = asyncio.current_task()
        if task is not None and not task.cancelling():
            # Nobody stopped the step: something that it waited for was cancelled underneath it.
            return self._ending("failed", f"what it waited for was cancelled: {self._half_done()}")
        return self._ending("cancelled", self._half_done())

    def _ending(self, outcome: Outcome, text: str) -> Ending:
        return Ending(outcome, text, self.policy.clock() - self._began, self._attempt)

    async def _until_done(self) -> Outcome:
        while True:
            try:
                return await self._try_once()
            except CancelledBetween:
                raise
            except Exception as error:
                await self._wait_to_retry(self.policy.decisive(error))

    async def _try_once(self) -> Outcome:
        self._doing = ""
        changes = tuple(await self.step.probe())
        if not changes:
            return "done" if self._attempt else "unchanged"
        if self.cancelled.is_set():
            raise CancelledBetween
        await self._apply(changes)
        self._doing = "had applied, but not yet looked at the result of,"
        left = await self.step.probe()
        self._doing = ""
        if left:
            raise Unsettled(f"still differs: {summarise(left)}", where=self.step.target)
        return "done"

    async def _apply(self, changes: Sequence[Change]) -> None:
        step, text, diff = self.step, summarise(changes), diff_text(changes)
        self._attempt += 1
        self._changes = tuple(changes)
        await self.journal.record(step, "intent", f"{count(changes)}: {text}", attempt=self._attempt)
        started = ApplyStarted(
            time=self.journal.clock(),
            step=step.id,
            attempt=self._attempt,
            count=len(changes),
            changes=text,
            diff=redact(diff),
        )
        self.journal.bus.publish(started)
        self._doing = "was applying"
        await step.apply(changes, self.journal.report(step.component, step.id, step.target))

    async def _wait_to_retry(self, error: Exception) -> None:
        """Return when the step shall be tried again; raises the error where it shall not."""
        if self.cancelled.is_set():
            raise error
        retry = self.policy.retry(error)
        self._failures[retry] += 1
        wait = retry.wait(self._failures[retry], self.policy.jitter())
        ends = self._began + self.step.deadline
        if self._failures[retry] >= retry.attempts or self.policy.clock() + wait > ends:
            raise error
        await self._write_failure(error, wait)
        await self._pause(wait)

    async def _write_failure(self, error: Exception, wait: float) -> None:
        step, text = self.step, sentence(error)
        self._last_error = text
        if self._attempt:
            seconds = self.policy.clock() - self._began
            await self.journal.record(step, "failed", text, attempt=self._attempt, seconds=seconds)
        now = self.journal.clock()
        self.journal.bus.publish(StepRetried(time=now, step=step.id, attempt=self._attempt, wait=wait, error=text))
        message = f"{step.title}: {text}; trying again in {wait:.1f} s"
        self.journal.line(step.component, message, "warning", step.id, step.target)

    async def _pause(self, seconds: float) -> None:
        self._doing = ""
        sleep = asyncio.ensure_future(self.policy.sleep(seconds))
        stop = asyncio.ensure_future(self.cancelled.wait())
        try:
            await asyncio.wait({sleep, stop}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            stop.cancel()
        if self.cancelled.is_set():
            raise CancelledBetween

    def _half_done(self) -> str:
        place = f"{self.step.target} {self.step.phase}"
        if self._doing:
            return f"{place}: {self._doing} {count(self._changes)}: {summarise(self._changes)}"
        if self._attempt:
            return f"{place}: an attempt at {count(self._changes)} had failed: {summarise(self._changes)}"
        return f"{place}: nothing was changed"

    def _overdue(self) -> str:
        last = f"; the last error was: {self._last_error}" if self._last_error else ""
        return f"not done within {self.step.deadline:.0f} s: {self._half_done()}{last}"

    def _explained(self, error: Exception) -> str:
        tries = self._failures.total()
        text = sentence(error) + (f" (after {tries} attempts)" if tries > 1 else "")
        if isinstance(error, Trouble):
            return text
        return f"{text} – {keep_trace(self.journal.store.home, self.journal.deployment, self.step.id, error)}"


async def conclude(journal: Journal, step: Step, ending: Ending) -> Ending:
    """Write how a step ended and tell it; an ending that cannot be written makes the step a failed one."""
    try:
        if ending.outcome in ("unchanged", "skipped"):
            journal.note(step, ending.outcome, ending.text, seconds=ending.seconds)
        else:
            await _record(journal, step, ending)
    except Trouble as error:
        ending = Ending("failed", sentence(error), ending.seconds, ending.attempts)
    _tell(journal, step, ending)
    return ending


async def _record(journal: Journal, step: Step, ending: Ending) -> None:
    writing = journal.record(step, ending.outcome, ending.text, attempt=ending.attempts, seconds=ending.seconds)
    try:
        await writing
    except asyncio.CancelledError:
        # The entry is on its way to the disk all the same; what is cancelled here is a step that has ended.
        await journal.flush()


def _tell(journal: Journal, step: Step, ending: Ending) -> None:
    if ending.outcome != "unchanged":
        journal.line(step.component, _line(step, ending), _LEVELS[ending.outcome], step.id, step.target)
    journal.bus.publish(
        StepFinished(
            time=journal.clock(), step=step.id, outcome=ending.outcome, seconds=ending.seconds, text=ending.text
        )
    )


def _line(step: Step, ending: Ending) -> str:
    if ending.outcome == "done":
        return f"{step.target}: {step.title}: done in {ending.seconds:.1f} s"
    return f"{step.target}: {step.title}: {ending.outcome}: {ending.text}"


_LEVELS: dict[Outcome, Level] = {
    "done": "info",
    "unchanged": "info",
    "skipped": "warning",
    "cancelled": "warning",
    "failed": "error",
}
