"""What a Deployment says of itself: counts, and whether it is available and moves on.

Rules: kubernetes/pkg/controller/deployment/progress.go and sync.go (calculateStatus).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.simulator.kubernetes.controllers.changes import Again, Change, SetStatus
from core.simulator.kubernetes.controllers.rolling import max_unavailable
from core.simulator.kubernetes.shape import Object, condition, key_of, moment_of, replicas_of, stamp

_DEADLINE = 600
_NO_DEADLINE = 2**31 - 1
_COUNTS = ("replicas", "readyReplicas", "availableReplicas", "terminatingReplicas")


def status_changes(deployment: Object, current: Object | None, sets: Sequence[Object], now: float) -> Iterator[Change]:
    """The status as it shall be, and when to look again for a deadline."""
    status = _counted(deployment, current, sets)
    listed = [found for found in (_available(deployment, status), _progress(deployment, current, status, now)) if found]
    status["conditions"] = [_dated(deployment, found, now) for found in listed]
    if status != deployment.get("status"):
        yield SetStatus("deployments.apps", key_of(deployment), status)
    yield from _deadline(deployment, status, now)


def complete(deployment: Object, status: Object) -> bool:
    """Whether all wanted replicas are new and available, and no old one is left."""
    wanted = replicas_of(deployment)
    names = ("updatedReplicas", "replicas", "availableReplicas")
    return all(status.get(name, 0) == wanted for name in names)


def _counted(deployment: Object, current: Object | None, sets: Sequence[Object]) -> Object:
    sums = {name: sum(one.get("status", {}).get(name, 0) for one in sets) for name in _COUNTS}
    sums["updatedReplicas"] = (current or {}).get("status", {}).get("replicas", 0)
    sums["unavailableReplicas"] = max(0, sum(one["spec"]["replicas"] for one in sets) - sums["availableReplicas"])
    counts = {name: count for name, count in sums.items() if count}
    return {"observedGeneration": deployment["metadata"].get("generation", 1), **counts}


def _available(deployment: Object, status: Object) -> Object:
    needed = replicas_of(deployment) - max_unavailable(deployment)
    if status.get("availableReplicas", 0) >= needed:
        return _said("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    return _said("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")


def _progress(deployment: Object, current: Object | None, status: Object, now: float) -> Object | None:
    old = condition(deployment, "Progressing")
    if deployment["spec"].get("paused"):
        return _said("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
    if current is None:
        return old
    name = current["metadata"]["name"]
    if complete(deployment, status):
        text = f'ReplicaSet "{name}" has successfully progressed.'
        return _said("Progressing", "True", "NewReplicaSetAvailable", text)
    if old is None:
        return _said("Progressing", "True", "NewReplicaSetCreated", f'Created new replica set "{name}"')
    if _moved(deployment, status) or _new_turn(deployment, old, name):
        return _said("Progressing", "True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.')
    if _late(deployment, old, now):
        text = f'ReplicaSet "{name}" has timed out progressing.'
        return _said("Progressing", "False", "ProgressDeadlineExceeded", text)
    return old


def _moved(deployment: Object, status: Object) -> bool:
    """Whether more new, ready or available, or fewer old replicas are there than before."""
    before: Object = deployment.get("status", {})

    def grown(name: str) -> bool:
        return bool(status.get(name, 0) > before.get(name, 0))

    old = status.get("replicas", 0) - status.get("updatedReplicas", 0)
    old_before = before.get("replicas", 0) - before.get("updatedReplicas", 0)
    return any(map(grown, ("updatedReplicas", "readyReplicas", "availableReplicas"))) or old < old_before


def _new_turn(deployment: Object, old: Object, name: str) -> bool:
    """Whether the last word was about another template, or the Deployment was paused since."""
    return f'"{name}"' not in old["message"] or old["reason"] == "DeploymentPaused"


def _late(deployment: Object, old: Object, now: float) -> bool:
    if old["reason"] == "NewReplicaSetAvailable":
        return False
    return now >= moment_of(old["lastUpdateTime"]) + _allowed(deployment)


def _allowed(deployment: Object) -> int:
    return int(deployment["spec"].get("progressDeadlineSeconds", _DEADLINE))


def _deadline(deployment: Object, status: Object, now: float) -> Iterator[Change]:
    found = next((one for one in status["conditions"] if one["type"] == "Progressing"), None)
    if found is None or found["status"] != "True" or found["reason"] == "NewReplicaSetAvailable":
        return
    if _allowed(deployment) < _NO_DEADLINE:
        yield Again(max(0.1, moment_of(found["lastUpdateTime"]) + _allowed(deployment) - now))


def _said(kind: str, status: str, reason: str, message: str) -> Object:
    return {"type": kind, "status": status, "reason": reason, "message": message}


def _dated(deployment: Object, new: Object, now: float) -> Object:
    """The condition with its times: the old one's where it says the same."""
    old = condition(deployment, new["type"])
    same = old is not None and all(old.get(name) == new[name] for name in ("status", "reason", "message"))
    moved = new["type"] == "Progressing" and new["reason"] == "ReplicaSetUpdated" and "lastUpdateTime" not in new
    if old is not None and same and not moved:
        return old
    since = old["lastTransitionTime"] if old and old["status"] == new["status"] else stamp(now)
    return {**new, "lastUpdateTime": stamp(now), "lastTransitionTime": since}
