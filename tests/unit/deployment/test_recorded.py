"""Runs as they are recorded."""

from __future__ import annotations

from core.deployment.recorded import recorded_run
from core.store import Store
from core.store.journal import JournalEntry, StepEvent
from core.store.lines import Line


def entry(run: int, step: str, event: StepEvent, time: float, text: str = "", *, attempt: int = 1) -> JournalEntry:
    seconds = None if event == "intent" else 2.5
    return JournalEntry(run, step, "alpha", "kube-1", "etcd", attempt, event, time, seconds, text)


def test_a_run_has_its_steps_as_they_ended_and_its_report(store: Store) -> None:
    store.drafts.save("lab", "text", "ada")
    run = store.deployments.begin("lab", "deploy", "text", "ada")
    store.journal.append(
        run.id,
        [
            entry(run.id, "a", "intent", 10, "create file"),
            entry(run.id, "b", "unchanged", 11, attempt=0),
            entry(run.id, "a", "failed", 12, "no space"),
            entry(run.id, "a", "intent", 13, "create file", attempt=2),
            entry(run.id, "a", "done", 15, attempt=2),
            entry(run.id, "c", "intent", 16, "start unit"),
        ],
        [Line(run.id, 1, 10.0, "alpha", "info", "begun")],
    )
    record = recorded_run(store, run)
    assert [(step.id, step.outcome, step.attempts) for step in record.steps] == [
        ("a", "done", 2),
        ("b", "unchanged", 0),
        ("c", "running", 1),
    ]
    assert record.steps[0].text == "create file\nno space"
    assert record.steps[1].began == 8.5
    assert record.lines[0].text == "begun"
