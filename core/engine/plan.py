"""What a run would do now, found by probing alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.engine.errors import Trouble
from core.engine.redact import redact
from core.engine.step import Change, Graph, Step


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with the changes that its probe finds; `trouble` is a sentence where the probe could not tell."""

    step: Step
    changes: tuple[Change, ...] = ()
    trouble: str = ""


async def plan(graph: Graph, limit: int = 16) -> list[PlannedStep]:
    """Probe every step, at most `limit` at once, in the graph's order; nothing is touched."""
    slots = asyncio.Semaphore(limit)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_planned(step, slots)) for step in graph.steps]
    return [task.result() for task in tasks]


async def _planned(step: Step, slots: asyncio.Semaphore) -> PlannedStep:
    async with slots:
        try:
            async with asyncio.timeout(step.deadline) as deadline:
                return PlannedStep(step, tuple(await step.probe()))
        except Exception as error:
            if deadline.expired():
                return PlannedStep(step, trouble=f"the probe did not end within {step.deadline:.0f} s")
            return PlannedStep(step, trouble=sentence(error))


def sentence(error: BaseException) -> str:
    """An error in words: Trouble speaks for itself, anything else is introduced by its type."""
    if isinstance(error, Trouble):
        return redact(str(error))
    return redact(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
