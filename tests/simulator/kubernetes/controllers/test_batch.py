"""Jobs and CronJobs: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from core.simulator.kubernetes.controllers import cronjob, job
from core.simulator.kubernetes.controllers.changes import Change, Create, Delete, SetStatus
from core.simulator.kubernetes.shape import Object, stamp
from tests.simulator.kubernetes.made import NOW, meta, pod, row, template


def a_job(**spec: Any) -> Object:
    return {"metadata": meta("work"), "spec": {"completions": 1, "parallelism": 1, "template": template(), **spec}}


def changes(thing: Object, *pods: Object, now: float = NOW) -> list[Change]:
    return list(job.reconcile(thing, [row(one) for one in pods], now))


def created(found: list[Change]) -> int:
    return sum(isinstance(one, Create) for one in found)


def conditions(found: list[Change]) -> dict[str, str]:
    status = next(one.status for one in found if isinstance(one, SetStatus))
    return {one["type"]: one["reason"] for one in status.get("conditions", ())}


def test_as_many_at_once_as_may_be() -> None:
    assert created(changes(a_job(completions=5, parallelism=2))) == 2
    assert created(changes(a_job(completions=5, parallelism=2), pod("a", ready=False))) == 1
    almost = [pod(name, phase="Succeeded") for name in "abcd"]
    assert created(changes(a_job(completions=5, parallelism=2), *almost)) == 1


def test_enough_successes_complete_it() -> None:
    found = changes(a_job(), pod("a", phase="Succeeded"))
    assert conditions(found) == {"SuccessCriteriaMet": "CompletionsReached", "Complete": "CompletionsReached"}


def test_too_many_failures_end_it_and_what_runs_is_stopped() -> None:
    failed = [pod(name, phase="Failed") for name in "ab"]
    found = changes(a_job(backoffLimit=1, completions=3), *failed, pod("c"))
    assert conditions(found)["Failed"] == "BackoffLimitExceeded"
    assert [one.key[1] for one in found if isinstance(one, Delete)] == ["c"]


def test_a_failure_below_the_limit_is_tried_again() -> None:
    assert created(changes(a_job(), pod("a", phase="Failed"))) == 1


def test_it_may_only_take_so_long() -> None:
    late = a_job(activeDeadlineSeconds=10) | {"status": {"startTime": stamp(NOW - 11)}}
    assert conditions(changes(late, pod("a")))["Failed"] == "DeadlineExceeded"


def test_without_completions_one_success_is_enough_once_the_others_have_ended() -> None:
    work = a_job(parallelism=2)
    del work["spec"]["completions"]
    running = changes(work, pod("a", phase="Succeeded"), pod("b"))
    assert (created(running), conditions(running)) == (0, {})
    assert "Complete" in conditions(changes(work, pod("a", phase="Succeeded"), pod("b", phase="Failed")))


def test_one_that_is_done_goes_after_its_time() -> None:
    ended = a_job(ttlSecondsAfterFinished=60)
    ended["status"] = {"conditions": [{"type": "Complete", "status": "True", "lastTransitionTime": stamp(NOW)}]}
    assert not any(isinstance(one, Delete) for one in changes(ended))
    assert any(isinstance(one, Delete) for one in changes(ended, now=NOW + 61))


MOMENT = datetime(2026, 3, 4, 5, 30, tzinfo=UTC).timestamp()  # a Wednesday


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("* * * * *", True),
        ("30 5 * * *", True),
        ("*/15 * * * *", True),
        ("*/7 * * * *", False),
        ("10-40/10 5 * 3 *", True),
        ("30 5 * * 3", True),
        ("30 5 * * 1,2", False),
        ("30 5 1 * 3", True),
        ("30 5 1 * 4", False),
        ("@hourly", False),
    ],
)
def test_schedules(schedule: str, due: bool) -> None:
    assert cronjob.due(schedule, MOMENT) is due


def cron(**more: Any) -> Object:
    spec = {"schedule": "* * * * *", "jobTemplate": {"spec": a_job()["spec"]}, **more}
    return {"metadata": meta("tick"), "spec": spec, "status": {}}


def ticks(thing: Object, *jobs: Object, now: float = MOMENT + 1) -> list[Change]:
    return list(cronjob.reconcile(thing, jobs, now))


def test_each_minute_has_one_job() -> None:
    thing = cron()
    found = ticks(thing)
    assert created(found) == 1
    thing["status"] = next(one.status for one in found if isinstance(one, SetStatus))
    assert created(ticks(thing)) == 0
    assert created(ticks(thing, now=MOMENT + 61)) == 1


def test_one_that_forbids_it_does_not_run_beside_itself() -> None:
    running = a_job() | {"status": {}}
    assert created(ticks(cron(concurrencyPolicy="Forbid"), running)) == 0
    replacing = ticks(cron(concurrencyPolicy="Replace"), running)
    assert (created(replacing), sum(isinstance(one, Delete) for one in replacing)) == (1, 1)
    assert created(ticks(cron(suspend=True))) == 0


def test_old_jobs_are_cleaned_up() -> None:
    done = []
    for number in range(5):
        ended = {"type": "Complete", "status": "True"}
        done.append({"metadata": meta(f"tick-{number}"), "status": {"conditions": [ended]}})
    found = ticks(cron(suspend=True), *done)
    assert [one.key[1] for one in found if isinstance(one, Delete)] == ["tick-0", "tick-1"]
