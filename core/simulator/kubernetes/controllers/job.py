"""Jobs: pods that end, until enough of them have ended well.

Rules: kubernetes/pkg/controller/job.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.changes import Again, Change, Create, Delete, Emit, SetStatus
from core.simulator.kubernetes.controllers.template import new_pod
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.shape import (
    Object,
    holds,
    key_of,
    leaving,
    moment_of,
    reference,
    safe_hash,
    stamp,
    uid_of,
)

RESOURCE = "jobs.batch"


def reconcile(job: Object, pods: Sequence[PodRow], now: float) -> Iterator[Change]:
    """`pods` are those that the Job controls."""
    if finished(job):
        yield from _expired(job, now)
        return
    if leaving(job):
        return
    living = [pod for pod in pods if pod.active]
    failure = _failure(job, pods, now)
    enough = _succeeded(pods) >= _wanted(job, pods)
    if failure or enough or job["spec"].get("suspend"):
        for pod in living:
            yield Delete("pods", pod.key, pod.uid)
    else:
        yield from _made(job, pods, living, now)
        yield from _deadline(job, now)
    ended = ("Failed", *failure) if failure else ("Complete", "CompletionsReached", "") if enough else None
    yield from _status(job, pods, ended, now)


def finished(job: Object) -> bool:
    """Whether the Job has come to an end, good or bad."""
    return holds(job, "Complete") or holds(job, "Failed")


def _succeeded(pods: Sequence[PodRow]) -> int:
    return sum(pod.phase == "Succeeded" for pod in pods)


def _wanted(job: Object, pods: Sequence[PodRow]) -> int:
    """How many must end well; without `completions` one is enough, and the others are waited for."""
    completions = job["spec"].get("completions")
    if completions is not None:
        return int(completions)
    done = _succeeded(pods)
    return done if done and not any(pod.active for pod in pods) else done + 1


def _failure(job: Object, pods: Sequence[PodRow], now: float) -> tuple[str, str] | None:
    failures = sum(pod.phase == "Failed" for pod in pods)
    if failures > job["spec"].get("backoffLimit", 6):
        return "BackoffLimitExceeded", "Job has reached the specified backoff limit"
    limit, since = job["spec"].get("activeDeadlineSeconds"), _began(job, now)
    if limit is not None and now >= since + limit:
        return "DeadlineExceeded", "Job was active longer than specified deadline"
    return None


def _began(job: Object, now: float) -> float:
    start = (job.get("status") or {}).get("startTime")
    return moment_of(start) if start else now


def _deadline(job: Object, now: float) -> Iterator[Change]:
    if (limit := job["spec"].get("activeDeadlineSeconds")) is not None:
        yield Again(max(0.1, _began(job, now) + limit - now))


def _made(job: Object, pods: Sequence[PodRow], living: Sequence[PodRow], now: float) -> Iterator[Change]:
    parallel, completions = job["spec"].get("parallelism", 1), job["spec"].get("completions")
    if completions is not None:
        parallel = min(parallel, completions - _succeeded(pods))
    elif _succeeded(pods):
        return
    for number in range(parallel - len(living)):
        name = f"{job['metadata']['name']}-{safe_hash(f'{uid_of(job)}/{now}/{number}', 5)}"
        yield Create("pods", new_pod(RESOURCE, job, job["spec"]["template"], name))
        yield Emit(reference(RESOURCE, job), "SuccessfulCreate", f"Created pod: {name}")


def _status(job: Object, pods: Sequence[PodRow], ended: tuple[str, str, str] | None, now: float) -> Iterator[Change]:
    old: Object = job.get("status") or {}
    counts = {
        "active": sum(pod.active for pod in pods) if ended is None else 0,
        "failed": sum(pod.phase == "Failed" for pod in pods),
        "ready": sum(pod.ready for pod in pods if pod.active) if ended is None else 0,
        "succeeded": _succeeded(pods),
    }
    status: Object = {name: count for name, count in counts.items() if count or name == "ready"}
    status["startTime"] = old.get("startTime") or stamp(now)
    if ended is not None:
        status |= {"conditions": _conditions(ended, now)}
        if ended[0] == "Complete":
            status["completionTime"] = stamp(now)
        yield Emit(reference(RESOURCE, job), *_last_words(ended))
    if status != old:
        yield SetStatus(RESOURCE, key_of(job), status)


def _conditions(ended: tuple[str, str, str], now: float) -> list[Object]:
    kind, reason, message = ended
    said = {"status": "True", "reason": reason, "message": message, "lastProbeTime": stamp(now)}
    before = "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget"
    return [{"type": each, **said, "lastTransitionTime": stamp(now)} for each in (before, kind)]


def _last_words(ended: tuple[str, str, str]) -> tuple[str, str, str]:
    kind, reason, message = ended
    return ("Completed", "Job completed", "Normal") if kind == "Complete" else (reason, message, "Warning")


def _expired(job: Object, now: float) -> Iterator[Change]:
    """A Job that is to be cleaned up goes so long after its end."""
    kept = job["spec"].get("ttlSecondsAfterFinished")
    if kept is None or leaving(job):
        return
    ends = [moment_of(one["lastTransitionTime"]) for one in job["status"]["conditions"]]
    if now >= max(ends) + kept:
        yield Delete(RESOURCE, key_of(job), uid_of(job))
    else:
        yield Again(max(ends) + kept - now)
