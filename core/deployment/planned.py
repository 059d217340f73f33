"""A plan as data and as lines: what would be done, machine by machine, with the diffs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core.engine.changes import MARKS, diff_lines
from core.engine.plan import PlannedStep
from core.engine.step import Change

SIMULATED = "simulated: no real machine stands behind this environment"


def planned_steps(steps: Iterable[PlannedStep], *, simulated: bool) -> list[dict[str, Any]]:
    """The steps that would do something, or could not be looked at, as `plan --json` prints them."""
    return [
        {
            "id": planned.step.id,
            "component": planned.step.component,
            "target": planned.step.target,
            "phase": planned.step.phase,
            "title": planned.step.title,
            "simulated": simulated,
            "trouble": planned.trouble,
            "changes": [_change(change) for change in planned.changes],
        }
        for planned in steps
        if planned.changes or planned.trouble
    ]


def _change(change: Change) -> dict[str, Any]:
    return {
        "action": change.action,
        "subject": change.subject,
        "secret": change.secret,
        "diff": [] if change.secret else diff_lines(change),
    }


def step_lines(steps: Sequence[dict[str, Any]]) -> list[str]:
    """The plan as text, grouped by machine; empty where nothing is to be done."""
    lines: list[str] = [SIMULATED] if any(step["simulated"] for step in steps) else []
    for target in dict.fromkeys(step["target"] for step in steps):
        lines.append(target)
        for step in steps:
            if step["target"] == target:
                lines += _step(step)
    return lines


def _step(step: dict[str, Any]) -> list[str]:
    lines = [f"  {step['title']}  ({step['id']})"]
    if step["trouble"]:
        lines.append(f"    ? {step['trouble']}")
    for change in step["changes"]:
        hidden = "  (content hidden)" if change["secret"] else ""
        lines.append(f"    {MARKS[change['action']]} {change['action']} {change['subject']}{hidden}")
        lines += [f"        {line}" for line in change["diff"]]
    return lines
