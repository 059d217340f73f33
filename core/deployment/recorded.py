"""Runs as they are recorded: their steps and their reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from core.runs_api import RunRecord, StepRecord
from core.status import ReportLine
from core.store.deployments import Deployment
from core.store.journal import JournalEntry
from core.store.lines import Line
from core.store.store import Store


def recorded_run(store: Store, deployment: Deployment) -> RunRecord:
    """A run with its steps, in the order in which they began, and its report."""
    lines = tuple(report_line(line) for line in store.lines.after(deployment.id))
    entries: dict[str, list[JournalEntry]] = {}
    for entry in store.journal.of(deployment.id):
        entries.setdefault(entry.step, []).append(entry)
    steps = tuple(_record(found) for found in entries.values())
    return RunRecord(deployment.number, deployment.document, steps, lines)


def report_line(line: Line) -> ReportLine:
    """A stored line as a front end shows it."""
    return ReportLine(line.number, line.time, line.component, cast("str", line.level), line.text)


def _record(entries: Sequence[JournalEntry]) -> StepRecord:
    last = entries[-1]
    outcome = "running" if last.event == "intent" else last.event
    began = entries[0].time if entries[0].event == "intent" else entries[0].time - (entries[0].seconds or 0)
    texts = list(dict.fromkeys(entry.text for entry in entries if entry.text))
    return StepRecord(
        last.step,
        last.component,
        last.target,
        last.phase,
        outcome,
        began,
        last.seconds,
        max(entry.attempt for entry in entries),
        "\n".join(texts),
    )
