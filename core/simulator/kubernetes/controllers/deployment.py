"""Deployments: a ReplicaSet for each template, and the way from the old ones to the new one.

Rules: kubernetes/pkg/controller/deployment (sync.go, rolling.go, recreate.go).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from core.simulator.kubernetes.controllers.changes import Change, Create, Delete, Emit, Update
from core.simulator.kubernetes.controllers.deployment_status import status_changes
from core.simulator.kubernetes.controllers.rolling import max_surge, proportional, recreated, rolled
from core.simulator.kubernetes.shape import (
    Object,
    amended,
    annotations_of,
    headed,
    key_of,
    labels_of,
    leaving,
    owner_reference,
    reference,
    replicas_of,
    safe_hash,
    uid_of,
)

RESOURCE = "deployments.apps"
SETS = "replicasets.apps"
HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_HISTORY = 10


def reconcile(deployment: Object, sets: Sequence[Object], now: float) -> Iterator[Change]:
    """`sets` are the ReplicaSets that the Deployment controls."""
    current = current_set(deployment, sets)
    old = sorted((one for one in sets if one is not current), key=_age)
    if not leaving(deployment):
        if current is None and not deployment["spec"].get("paused"):
            yield from _first_steps(deployment, old)
        elif current is not None:
            yield from _revised(deployment, current, old)
        yield from _resized(deployment, current, old)
        yield from _cleaned(deployment, current, old)
    yield from status_changes(deployment, current, sets, now)


def current_set(deployment: Object, sets: Sequence[Object]) -> Object | None:
    """The oldest ReplicaSet that has the Deployment's template, None before there is one."""
    template = deployment["spec"]["template"]
    label = template_hash(template)
    alike = (one for one in sorted(sets, key=_age) if labels_of(one).get(HASH) == label or _bare(one) == template)
    return next(alike, None)


def template_hash(template: Object) -> str:
    """The same for the same template, whatever the order of its fields."""
    return safe_hash(msgspec.json.encode(template, order="sorted").decode(), 10)


def revision_of(thing: Object) -> int:
    """The revision in the annotations, 0 for none."""
    return int(annotations_of(thing).get(REVISION, 0))


def _age(thing: Object) -> tuple[str, str]:
    return str(thing["metadata"].get("creationTimestamp", "")), thing["metadata"]["name"]


def _bare(one: Object) -> Object:
    """A ReplicaSet's template without the label that was added to it."""
    template: Object = one["spec"]["template"]
    return amended(template, {"metadata": {"labels": {HASH: None}}})


def _first_steps(deployment: Object, old: Sequence[Object]) -> Iterator[Change]:
    """The new ReplicaSet, made with as many replicas as may be at once."""
    revision = str(max(map(revision_of, old), default=0) + 1)
    wanted = replicas_of(deployment)
    size = wanted if not old else _initial_size(deployment, old)
    made = _new_set(deployment, size, revision)
    yield Create(SETS, made)
    if size:
        name = made["metadata"]["name"]
        text = f"Scaled up replica set {name} from 0 to {size}"
        yield Emit(reference(RESOURCE, deployment), "ScalingReplicaSet", text)
    yield from _annotated(deployment, revision)


def _initial_size(deployment: Object, old: Sequence[Object]) -> int:
    nothing: Object = {"metadata": {"name": ""}, "spec": {"replicas": 0}}
    return _sizes(deployment, nothing, old).get("", 0)


def _new_set(deployment: Object, size: int, revision: str) -> Object:
    spec, label = deployment["spec"], template_hash(deployment["spec"]["template"])
    marked = {"metadata": {"labels": {**labels_of(spec["template"]), HASH: label}}}
    selector = amended(spec["selector"], {"matchLabels": {HASH: label}})
    if "matchLabels" not in spec["selector"]:
        selector["matchLabels"] = {HASH: label}
    metadata = {
        "name": f"{deployment['metadata']['name']}-{label}",
        "namespace": deployment["metadata"]["namespace"],
        "labels": marked["metadata"]["labels"],
        "annotations": {**_inherited(deployment), **_marks(deployment), REVISION: revision},
        "ownerReferences": [owner_reference(RESOURCE, deployment)],
    }
    body: dict[str, Any] = {"replicas": size, "selector": selector, "template": amended(spec["template"], marked)}
    if spec.get("minReadySeconds"):
        body["minReadySeconds"] = spec["minReadySeconds"]
    return headed(SETS, metadata, spec=body)


def _inherited(deployment: Object) -> dict[str, str]:
    return {name: value for name, value in annotations_of(deployment).items() if name not in (_APPLIED, REVISION)}


def _marks(deployment: Object) -> dict[str, str]:
    wanted = replicas_of(deployment)
    return {DESIRED: str(wanted), MAXIMUM: str(wanted + max_surge(deployment))}


def _revised(deployment: Object, current: Object, old: Sequence[Object]) -> Iterator[Change]:
    """A template that comes back, by a rollback, becomes the newest revision."""
    revision = revision_of(current)
    newest = max(map(revision_of, old), default=0)
    if revision <= newest:
        revision = newest + 1
        yield Update(SETS, amended(current, {"metadata": {"annotations": {REVISION: str(revision)}}}))
    yield from _annotated(deployment, str(revision))


def _annotated(deployment: Object, revision: str) -> Iterator[Change]:
    if annotations_of(deployment).get(REVISION) != revision:
        marked = {"metadata": {"annotations": {**annotations_of(deployment), REVISION: revision}}}
        yield Update(RESOURCE, amended(deployment, marked))


def _sizes(deployment: Object, current: Object | None, old: Sequence[Object]) -> Mapping[str, int]:
    """The sizes that ReplicaSets shall have now, by name; those that stay as they are may be left out."""
    sets = [*old, current] if current is not None else list(old)
    if deployment["spec"].get("paused") or _rescaled(deployment, sets):
        return proportional(deployment, current, old)
    if current is None:
        return {}
    if deployment["spec"].get("strategy", {}).get("type") == "Recreate":
        return recreated(deployment, current, old)
    return rolled(deployment, current, old)


def _rescaled(deployment: Object, sets: Sequence[Object]) -> bool:
    """Whether the wanted number of replicas is another one than when the ReplicaSets were last resized."""
    wanted = str(replicas_of(deployment))
    living = [one for one in sets if one["spec"]["replicas"]]
    return any(annotations_of(one).get(DESIRED, wanted) != wanted for one in living)


def _resized(deployment: Object, current: Object | None, old: Sequence[Object]) -> Iterator[Change]:
    sizes, marks = _sizes(deployment, current, old), _marks(deployment)
    for one in [*old, current] if current is not None else old:
        name, before = one["metadata"]["name"], one["spec"]["replicas"]
        size = sizes.get(name, before)
        known = annotations_of(one)
        stale = (one is current or before) and any(known.get(mark) != value for mark, value in marks.items())
        if size != before or stale:
            yield Update(SETS, amended(one, {"spec": {"replicas": size}, "metadata": {"annotations": known | marks}}))
        if size != before:
            way = "up" if size > before else "down"
            text = f"Scaled {way} replica set {name} from {before} to {size}"
            yield Emit(reference(RESOURCE, deployment), "ScalingReplicaSet", text)


def _cleaned(deployment: Object, current: Object | None, old: Sequence[Object]) -> Iterator[Change]:
    """Empty ReplicaSets beyond those that are kept for rollbacks go."""
    keep = deployment["spec"].get("revisionHistoryLimit", _HISTORY)
    empty = [one for one in old if not one["spec"]["replicas"] and not one.get("status", {}).get("replicas")]
    surplus = len(old) - keep
    for one in sorted(empty, key=revision_of)[: max(0, surplus)] if current is not None else ():
        if not leaving(one):
            yield Delete(SETS, key_of(one), uid_of(one))
