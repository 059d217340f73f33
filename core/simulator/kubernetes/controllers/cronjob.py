"""CronJobs: a Job at every minute that a schedule names.

Rules: kubernetes/pkg/controller/cronjob.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from core.simulator.kubernetes.controllers.changes import Again, Change, Create, Delete, Emit, SetStatus
from core.simulator.kubernetes.controllers.job import RESOURCE as JOBS
from core.simulator.kubernetes.controllers.job import finished
from core.simulator.kubernetes.shape import (
    Object,
    headed,
    holds,
    key_of,
    leaving,
    moment_of,
    owner_reference,
    reference,
    stamp,
    uid_of,
)

RESOURCE = "cronjobs.batch"

_SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
}
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))


def reconcile(cron: Object, jobs: Sequence[Object], now: float) -> Iterator[Change]:
    """`jobs` are those that the CronJob owns."""
    if leaving(cron):
        return
    active = [job for job in jobs if not finished(job)]
    last = (cron.get("status") or {}).get("lastScheduleTime")
    minute = now - now % 60
    starts = not cron["spec"].get("suspend") and due(cron["spec"]["schedule"], minute)
    if starts and (last is None or moment_of(last) < minute):
        yield from _replaced(cron, active)
        if not active or cron["spec"].get("concurrencyPolicy") != "Forbid":
            yield from _started(cron, minute)
            last = stamp(minute)
    yield from _cleaned(cron, jobs)
    yield from _status(cron, jobs, last)
    yield Again(minute + 60 - now)


def due(schedule: str, moment: float) -> bool:
    """Whether a schedule (five fields of cron, or "@daily" and the like) names this minute, in UTC."""
    fields = _SHORTHANDS.get(schedule, schedule).split()
    when = datetime.fromtimestamp(moment, UTC)
    values = (when.minute, when.hour, when.day, when.month, when.isoweekday() % 7)
    named = [value in _values(field, *limits) for field, value, limits in zip(fields, values, _RANGES, strict=True)]
    days = named[2] or named[4] if "*" not in (fields[2][0], fields[4][0]) else named[2] and named[4]
    return named[0] and named[1] and named[3] and days


def _values(field: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = low if first == "*" else int(first) % 7 if (low, high) == (0, 6) else int(first)
        end = int(last) if last else high if first == "*" or step else start
        found |= set(range(start, end + 1, int(step or 1)))
    return found


def _replaced(cron: Object, active: Sequence[Object]) -> Iterator[Change]:
    if cron["spec"].get("concurrencyPolicy") == "Replace":
        yield from (Delete(JOBS, key_of(job), uid_of(job)) for job in active)


def _started(cron: Object, minute: float) -> Iterator[Change]:
    template = cron["spec"]["jobTemplate"]
    name = f"{cron['metadata']['name']}-{int(minute // 60)}"
    metadata = {
        **template.get("metadata", {}),
        "name": name,
        "namespace": cron["metadata"]["namespace"],
        "ownerReferences": [owner_reference(RESOURCE, cron)],
    }
    yield Create(JOBS, headed(JOBS, metadata, spec=template["spec"]))
    yield Emit(reference(RESOURCE, cron), "SuccessfulCreate", f"Created job {name}")


def _cleaned(cron: Object, jobs: Sequence[Object]) -> Iterator[Change]:
    limits = (("Complete", "successfulJobsHistoryLimit", 3), ("Failed", "failedJobsHistoryLimit", 1))
    for kind, field, default in limits:
        ended = sorted((job for job in jobs if holds(job, kind)), key=lambda job: str(job["metadata"]["name"]))
        keep = cron["spec"].get(field, default)
        for job in ended[: len(ended) - keep] if len(ended) > keep else ():
            yield Delete(JOBS, key_of(job), uid_of(job))


def _status(cron: Object, jobs: Sequence[Object], last: str | None) -> Iterator[Change]:
    old: Object = cron.get("status") or {}
    listed = [reference(JOBS, job) for job in jobs if not finished(job)]
    status: Object = {"active": listed} if listed else {}
    if last:
        status["lastScheduleTime"] = last
    ends = [job["status"]["completionTime"] for job in jobs if "completionTime" in (job.get("status") or {})]
    if known := max([*ends, old.get("lastSuccessfulTime", "")]):
        status["lastSuccessfulTime"] = known
    if status != old:
        yield SetStatus(RESOURCE, key_of(cron), status)
