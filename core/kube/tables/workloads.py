"""What makes pods (kubernetes/pkg/printers/internalversion: printDeployment and its neighbours)."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from core.kube.rows import (
    CronJobRow,
    DaemonSetRow,
    JobRow,
    ReplicationControllerRow,
    Requirement,
    Selector,
    WorkloadRow,
)
from core.kube.tables.columns import AGE, NAME, NAMESPACE, joined, number, pairs, share, since, text
from core.kube.words import age_text, holds
from core.live.tables import Column, Health, LiveRow

Replicated = WorkloadRow | ReplicationControllerRow


def selector_text(selector: Selector) -> str:
    """A selector in the words of `kubectl get -l`, by key."""
    found = [(key, f"{key}={value}") for key, value in selector.match_labels.items()]
    found += [(one.key, _expression(one)) for one in selector.match_expressions]
    return joined(text for _, text in sorted(found, key=itemgetter(0)))


def health(row: Replicated) -> Health:
    """Whether as many replicas are ready as are wanted, and the newest generation was seen."""
    if holds(row.status.conditions, "ReplicaFailure"):
        return "bad"
    if getattr(row.spec, "paused", False):
        return "warn"
    if row.status.observed_generation < row.metadata.generation:
        return "busy"
    if row.status.ready_replicas >= row.spec.replicas:
        return "good" if row.status.replicas == row.spec.replicas else "busy"
    stuck = any(one.type == "Progressing" and one.status == "False" for one in row.status.conditions)
    return "bad" if stuck or not row.status.ready_replicas else "warn"


def daemon_health(row: DaemonSetRow) -> Health:
    """Whether every node that shall have the pod has it ready."""
    if row.status.number_ready >= row.status.desired_number_scheduled:
        return "good"
    return "warn" if row.status.number_ready else "bad"


def job_word(row: JobRow) -> str:
    """STATUS as kubectl shows it."""
    for condition, word in (("Complete", "Complete"), ("Failed", "Failed"), ("Suspended", "Suspended")):
        if holds(row.status.conditions, condition):
            return word
    return "Terminating" if row.metadata.deletion_timestamp else "Running"


def job_health(row: JobRow) -> Health:
    """A job that failed is bad, one whose pods failed so far is to be looked at."""
    word = job_word(row)
    if word == "Complete":
        return "done"
    if word == "Failed":
        return "bad"
    return "warn" if row.status.failed or word == "Suspended" else "busy"


def cron_health(row: CronJobRow) -> Health:
    """A suspended one does nothing."""
    return "warn" if row.spec.suspend else "good"


def _expression(one: Requirement) -> str:
    words = {"Exists": one.key, "DoesNotExist": f"!{one.key}"}
    return words.get(one.operator, f"{one.key} {one.operator.lower()} ({joined(sorted(one.values))})")


def _wanted(row: Any) -> int:
    replicas: int = row.spec.replicas
    return replicas


def _ready(row: Any) -> int:
    replicas: int = row.status.ready_replicas
    return replicas


def _containers(row: Any) -> str:
    return joined(container.name for container in row.spec.template.spec.containers)


def _images(row: Any) -> str:
    return joined(container.image for container in row.spec.template.spec.containers)


def _selector(row: Any) -> str:
    found = row.spec.selector
    return pairs(found) if isinstance(found, dict) else selector_text(found)


_CONTAINERS = (text("CONTAINERS", _containers, wide=True), text("IMAGES", _images, wide=True))
_SELECTOR = text("SELECTOR", _selector, wide=True)

DEPLOYMENT = (
    NAMESPACE,
    NAME,
    share("READY", _ready, _wanted),
    number("UP-TO-DATE", lambda row: row.status.updated_replicas),
    number("AVAILABLE", lambda row: row.status.available_replicas),
    AGE,
    *_CONTAINERS,
    _SELECTOR,
)

REPLICA_SET = (
    NAMESPACE,
    NAME,
    number("DESIRED", _wanted),
    number("CURRENT", lambda row: row.status.replicas),
    number("READY", _ready),
    AGE,
    *_CONTAINERS,
    _SELECTOR,
)

STATEFUL_SET = (NAMESPACE, NAME, share("READY", _ready, _wanted), AGE, *_CONTAINERS)

DAEMON_SET = (
    NAMESPACE,
    NAME,
    number("DESIRED", lambda row: row.status.desired_number_scheduled),
    number("CURRENT", lambda row: row.status.current_number_scheduled),
    number("READY", lambda row: row.status.number_ready),
    number("UP-TO-DATE", lambda row: row.status.updated_number_scheduled),
    number("AVAILABLE", lambda row: row.status.number_available),
    text("NODE SELECTOR", lambda row: pairs(row.spec.template.spec.node_selector)),
    AGE,
    *_CONTAINERS,
    _SELECTOR,
)


def _completions(job: JobRow) -> int:
    """Without a number, one completion by any of the pods is enough."""
    return job.spec.completions if job.spec.completions is not None else 1


def _duration(live: LiveRow, now: float) -> str:
    job = live.row
    if job.status.start_time is None:
        return ""
    end = job.status.completion_time.timestamp() if job.status.completion_time else now
    return age_text(max(0, int(end - job.status.start_time.timestamp())))


def _duration_key(live: LiveRow) -> tuple[float, ...]:
    job = live.row
    if job.status.start_time is None:
        return (-1.0,)
    end = job.status.completion_time or datetime.now(UTC)
    return ((end - job.status.start_time).total_seconds(),)


JOB = (
    NAMESPACE,
    NAME,
    text("STATUS", job_word),
    share("COMPLETIONS", lambda job: job.status.succeeded, _completions),
    Column("DURATION", _duration, _duration_key, right=True, ages=True),
    AGE,
    *_CONTAINERS,
    _SELECTOR,
)

CRON_JOB = (
    NAMESPACE,
    NAME,
    text("SCHEDULE", lambda row: str(row.spec.schedule)),
    text("TIMEZONE", lambda row: str(row.spec.time_zone)),
    text("SUSPEND", lambda row: str(row.spec.suspend)),
    number("ACTIVE", lambda row: len(row.status.active)),
    since("LAST SCHEDULE", lambda row: row.status.last_schedule_time),
    AGE,
)
