"""Rows of what makes pods.

Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.simulator.kubernetes.tables.column import (
    AGE,
    CONTAINERS,
    IMAGES,
    NAME,
    NONE,
    SELECTOR,
    UNKNOWN,
    Cell,
    age,
    at,
    condition,
    count,
    duration,
    labels,
    moment,
    selector,
)

Object = dict[str, Any]


def _number(name: str, path: str) -> Cell:
    return Cell(name, at(path, 0), "integer")


def _ready_of(obj: Object) -> str:
    return f"{obj.get('status', {}).get('readyReplicas', 0)}/{obj.get('spec', {}).get('replicas', 0)}"


def _job_status(job: Object) -> str:
    for kind, word in (("Complete", "Complete"), ("Failed", "Failed"), ("Suspended", "Suspended")):
        found = condition(job, kind)
        if found is not None and found.get("status") == "True":
            return word
    return "Terminating" if "deletionTimestamp" in job["metadata"] else "Running"


def _completions(job: Object) -> str:
    spec, done = job.get("spec", {}), job.get("status", {}).get("succeeded", 0)
    if "completions" in spec:
        return f"{done}/{spec['completions']}"
    parallel = spec.get("parallelism", 0)
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def _job_duration(job: Object) -> str:
    status = job.get("status", {})
    start, end = moment(status.get("startTime")), moment(status.get("completionTime"))
    return "" if start is None else duration(((end or datetime.now(UTC)) - start).total_seconds())


def _last_schedule(job: Object) -> str:
    last = age("status.lastScheduleTime")(job)
    return NONE if last == UNKNOWN else last


def _targets(scaler: Object) -> str:
    metrics, current = scaler.get("spec", {}).get("metrics") or (), scaler.get("status", {}).get("currentMetrics") or ()
    found = []
    for index, metric in enumerate(metrics):
        resource = metric.get("resource") or {}
        wanted = (resource.get("target") or {}).get("averageUtilization")
        now = (current[index].get("resource") or {}).get("current", {}) if index < len(current) else {}
        said = f"{now['averageUtilization']}%" if "averageUtilization" in now else UNKNOWN
        found.append(f"{resource.get('name', metric.get('type'))}: {said}/{wanted}%")
    return ", ".join(found) or NONE


def _reference(scaler: Object) -> str:
    target = scaler.get("spec", {}).get("scaleTargetRef") or {}
    return f"{target.get('kind')}/{target.get('name')}"


def _controller(revision: Object) -> str:
    owner = next((each for each in revision["metadata"].get("ownerReferences") or () if each.get("controller")), None)
    if owner is None:
        return NONE
    group = owner["apiVersion"].rpartition("/")[0]
    return f"{owner['kind'].lower()}.{group}/{owner['name']}"


_REPLICAS = (
    _number("Desired", "spec.replicas"),
    _number("Current", "status.replicas"),
    _number("Ready", "status.readyReplicas"),
)
_PLAIN_SELECTOR = Cell("Selector", lambda obj: labels(obj.get("spec", {}).get("selector")), priority=1)

REPLICA_SET = (NAME, *_REPLICAS, AGE, CONTAINERS, IMAGES, SELECTOR)
REPLICATION_CONTROLLER = (NAME, *_REPLICAS, AGE, CONTAINERS, IMAGES, _PLAIN_SELECTOR)
DEPLOYMENT = (
    NAME,
    Cell("Ready", _ready_of),
    Cell("Up-to-date", lambda obj: str(obj.get("status", {}).get("updatedReplicas", 0))),
    Cell("Available", lambda obj: str(obj.get("status", {}).get("availableReplicas", 0))),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)
STATEFUL_SET = (NAME, Cell("Ready", _ready_of), AGE, CONTAINERS, IMAGES)
DAEMON_SET = (
    NAME,
    _number("Desired", "status.desiredNumberScheduled"),
    _number("Current", "status.currentNumberScheduled"),
    _number("Ready", "status.numberReady"),
    _number("Up-to-date", "status.updatedNumberScheduled"),
    _number("Available", "status.numberAvailable"),
    Cell("Node Selector", lambda obj: labels(at("spec.template.spec.nodeSelector", {})(obj))),  # type: ignore[arg-type]
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)
JOB = (
    NAME,
    Cell("Status", _job_status),
    Cell("Completions", _completions),
    Cell("Duration", _job_duration),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
)
CRON_JOB = (
    NAME,
    Cell("Schedule", at("spec.schedule")),
    Cell("Timezone", at("spec.timeZone", NONE)),
    Cell("Suspend", at("spec.suspend", False), "boolean"),
    Cell("Active", count("status.active"), "integer"),
    Cell("Last Schedule", _last_schedule),
    AGE,
    CONTAINERS,
    IMAGES,
    Cell("Selector", lambda obj: selector(None), priority=1),
)
AUTOSCALER = (
    NAME,
    Cell("Reference", _reference),
    Cell("Targets", _targets),
    Cell("MinPods", lambda obj: str(obj.get("spec", {}).get("minReplicas", UNKNOWN))),
    Cell("MaxPods", lambda obj: str(obj.get("spec", {}).get("maxReplicas", UNKNOWN))),
    Cell("Replicas", lambda obj: str(obj.get("status", {}).get("currentReplicas", 0))),
    AGE,
)
CONTROLLER_REVISION = (NAME, Cell("Controller", _controller), Cell("Revision", at("revision", 0)), AGE)
