"""The run's memory: step entries that are durable before anything is touched, and report lines beside them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine

from core.engine.bus import Bus
from core.engine.errors import Trouble
from core.engine.events import StepReported
from core.engine.redact import redact
from core.engine.step import Level, Report, Step
from core.store import Deployment, JournalEntry, Line, Store
from core.store.journal import StepEvent


class Journal:
    """Writes one deployment's entries and lines, many writers sharing one commit, and tells the lines to the bus.

    To be made and used in one event loop; `line` alone may be called from any thread. Disk writes happen in a
    thread, so that the loop never waits for the disk.
    """

    def __init__(self, store: Store, deployment: Deployment, bus: Bus, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.deployment = deployment
        self.bus = bus
        self.clock = clock
        self._loop = asyncio.get_running_loop()
        self._number = store.lines.last_number(deployment.id)
        self._entries: list[JournalEntry] = []
        self._lines: list[Line] = []
        self._added = 0
        self._durable = 0
        self._coming = False
        self._turn = asyncio.Lock()
        self._flushes: set[asyncio.Task[None]] = set()

    def note(self, step: Step, event: StepEvent, text: str, *, attempt: int = 0, seconds: float | None = None) -> None:
        """Add an entry that reaches the disk soon; right for what touched nothing."""
        self._add(step, event, text, attempt, seconds)
        self._flush_soon()

    async def record(
        self, step: Step, event: StepEvent, text: str, *, attempt: int = 0, seconds: float | None = None
    ) -> None:
        """Add an entry and return when it is on the disk; goes on writing when the caller is cancelled.

        Raises:
            Refusal: another run has taken over this deployment.
            Trouble: the database cannot be written.
        """
        self._add(step, event, text, attempt, seconds)
        await self.flush()

    def _add(self, step: Step, event: StepEvent, text: str, attempt: int, seconds: float | None) -> None:
        names = (self.deployment.id, step.id, step.component, step.target, step.phase)
        self._entries.append(JournalEntry(*names, attempt, event, self.clock(), seconds, redact(text)))
        self._added += 1

    def line(self, component: str, text: str, level: Level = "info", step: str = "", target: str = "") -> None:
        """Add a report line."""
        if not _is_running(self._loop):
            self._loop.call_soon_threadsafe(self.line, component, text, level, step, target)
            return
        now, clean = self.clock(), redact(text)
        self._number += 1
        self._added += 1
        self._lines.append(Line(self.deployment.id, self._number, now, component, level, clean))
        self.bus.publish(
            StepReported(
                time=now, number=self._number, component=component, level=level, text=clean, step=step, target=target
            )
        )
        self._flush_soon()

    def report(self, component: str = "", step: str = "", target: str = "") -> Report:
        """A `Report` whose lines carry these names."""

        def tell(text: str, level: Level = "info") -> None:
            self.line(component, text, level, step, target)

        return tell

    async def flush(self) -> None:
        """Return when all that was added is on the disk; raises as `record` does."""
        await asyncio.shield(self._start(self._commit(self._added)))

    async def close(self) -> None:
        """Write what is left; raises as `record` does."""
        await self.flush()
        await asyncio.gather(*self._flushes, return_exceptions=True)

    def _flush_soon(self) -> None:
        # A flush that has not begun yet takes all that was added meanwhile, so a second one is of no use.
        if not self._coming:
            self._coming = True
            self._start(self._commit_what_waits()).add_done_callback(_trouble_is_told_to_who_waits)

    def _start(self, flush: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(flush)
        self._flushes.add(task)
        task.add_done_callback(self._flushes.discard)
        return task

    async def _commit_what_waits(self) -> None:
        async with self._turn:
            self._coming = False
            await self._write(self._added)

    async def _commit(self, wanted: int) -> None:
        async with self._turn:
            await self._write(wanted)

    async def _write(self, wanted: int) -> None:
        """Bring at least so many additions to the disk, and with them all others that wait."""
        # Who finds its own additions written leaves newer ones alone, so that those gather for one commit.
        if self._durable >= wanted:
            return
        entries, lines, added = self._entries, self._lines, self._added
        self._entries, self._lines = [], []
        try:
            await asyncio.to_thread(self.store.journal.append, self.deployment.id, entries, lines)
        except BaseException:
            # Kept for the next writer: it either brings them to the disk or gets the same answer.
            self._entries, self._lines = entries + self._entries, lines + self._lines
            raise
        self._durable = added


def _trouble_is_told_to_who_waits(task: asyncio.Task[None]) -> None:
    """A flush that nobody awaits leaves its rows for the next one, so its Trouble is not lost; a defect is raised."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, Trouble):
        raise error


def _is_running(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
