"""A few steps brought about one after another, outside a run."""

from __future__ import annotations

from collections.abc import Iterable

from core.engine.changes import summarise
from core.engine.errors import Unsettled
from core.engine.step import Report, Step


async def bring_about(steps: Iterable[Step], report: Report) -> None:
    """Apply each step that does not hold, in the given order.

    Raises:
        Unsettled: one still differs after it was applied. Trouble: as its apply says it.
    """
    for step in steps:
        if changes := await step.probe():
            await step.apply(changes, report)
            if left := await step.probe():
                raise Unsettled(f"still differs: {summarise(left)}", where=step.target)
