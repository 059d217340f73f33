"""StatefulSets: pods with names of their own, one after another.

Rules: kubernetes/pkg/controller/statefulset/stateful_set_control.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from core.simulator.kubernetes.controllers.changes import Change, Create, Delete, Emit, SetStatus
from core.simulator.kubernetes.controllers.template import new_pod
from core.simulator.kubernetes.pods import PodRow
from core.simulator.kubernetes.shape import (
    Object,
    amended,
    headed,
    key_of,
    leaving,
    owner_reference,
    reference,
    replicas_of,
    safe_hash,
)

RESOURCE = "statefulsets.apps"
REVISION = "controller-revision-hash"
CLAIMS = "persistentvolumeclaims"
REVISIONS = "controllerrevisions.apps"

_INDEX = "apps.kubernetes.io/pod-index"
_POD = "statefulset.kubernetes.io/pod-name"


def reconcile(
    stateful: Object, pods: Sequence[PodRow], claims: Sequence[str], revisions: Sequence[Object]
) -> Iterator[Change]:
    """`pods` and `revisions` are what the StatefulSet controls, `claims` the names of the claims in its namespace."""
    fresh = revision(stateful)
    if not any(one["metadata"]["name"] == fresh for one in revisions):
        yield _recorded(stateful, fresh, 1 + max((one["revision"] for one in revisions), default=0))
    if not leaving(stateful):
        yield from _moved(stateful, {_ordinal(pod.name): pod for pod in pods}, claims)
    yield from _status(stateful, pods, revisions, fresh)


def revision(stateful: Object) -> str:
    """The name of the template's revision, that its pods carry."""
    text = msgspec.json.encode(stateful["spec"]["template"], order="sorted").decode()
    return f"{stateful['metadata']['name']}-{safe_hash(text, 10)}"


def _ordinal(name: str) -> int:
    return int(name.rpartition("-")[2])


def _moved(stateful: Object, pods: dict[int, PodRow], claims: Sequence[str]) -> Iterator[Change]:
    """The next pod that is made, deleted, or replaced; with `Parallel` all at once."""
    parallel = stateful["spec"].get("podManagementPolicy") == "Parallel"
    wanted = range(replicas_of(stateful))
    for ordinal in wanted:
        pod = pods.get(ordinal)
        if pod is None:
            yield from _made(stateful, ordinal, claims)
        elif pod.finished and not pod.leaving:
            yield Delete("pods", pod.key, pod.uid)
        if not parallel and (pod is None or not pod.ready or pod.leaving):
            return
    surplus = sorted((ordinal for ordinal in pods if ordinal not in wanted), reverse=True)
    if surplus:
        yield from _deleted(stateful, [pods[ordinal] for ordinal in surplus], parallel)
    else:
        yield from _renewed(stateful, pods)


def _made(stateful: Object, ordinal: int, claims: Sequence[str]) -> Iterator[Change]:
    name = f"{stateful['metadata']['name']}-{ordinal}"
    mounted = []
    for template in stateful["spec"].get("volumeClaimTemplates") or ():
        claim = f"{template['metadata']['name']}-{name}"
        mounted.append({"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim}})
        if claim not in claims:
            metadata = {"name": claim, "namespace": stateful["metadata"]["namespace"]}
            yield Create(CLAIMS, headed(CLAIMS, metadata, spec=template["spec"]))
    yield Create("pods", _new(stateful, name, ordinal, mounted))
    text = f"create Pod {name} in StatefulSet {stateful['metadata']['name']} successful"
    yield Emit(reference(RESOURCE, stateful), "SuccessfulCreate", text)


def _new(stateful: Object, name: str, ordinal: int, mounted: Sequence[Object]) -> Object:
    template = stateful["spec"]["template"]
    volumes = [*(template["spec"].get("volumes") or ()), *mounted]
    spec = {"hostname": name, "subdomain": stateful["spec"].get("serviceName", ""), "volumes": volumes or None}
    labels = {REVISION: revision(stateful), _POD: name, _INDEX: str(ordinal)}
    return new_pod(RESOURCE, stateful, amended(template, {"metadata": {"labels": labels}, "spec": spec}), name)


def _deleted(stateful: Object, surplus: Sequence[PodRow], parallel: bool) -> Iterator[Change]:
    if not parallel and any(pod.leaving for pod in surplus):
        return
    for pod in surplus if parallel else surplus[:1]:
        if not pod.leaving:
            yield Delete("pods", pod.key, pod.uid)
            text = f"delete Pod {pod.name} in StatefulSet {stateful['metadata']['name']} successful"
            yield Emit(reference(RESOURCE, stateful), "SuccessfulDelete", text)


def _renewed(stateful: Object, pods: dict[int, PodRow]) -> Iterator[Change]:
    """From the last one down, each when all others are well; those below the partition stay as they are."""
    strategy = stateful["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return
    partition, fresh = (strategy.get("rollingUpdate") or {}).get("partition", 0), revision(stateful)
    for ordinal in sorted(pods, reverse=True):
        pod = pods[ordinal]
        if ordinal >= partition and pod.labels.get(REVISION) != fresh:
            if not pod.leaving:
                yield Delete("pods", pod.key, pod.uid)
            return
        if not pod.ready or pod.leaving:
            return


def _recorded(stateful: Object, name: str, number: int) -> Create:
    metadata = {
        "name": name,
        "namespace": stateful["metadata"]["namespace"],
        "labels": {**stateful["spec"]["template"]["metadata"].get("labels", {}), REVISION: name},
        "ownerReferences": [owner_reference(RESOURCE, stateful)],
    }
    data = {"spec": {"template": {**stateful["spec"]["template"], "$patch": "replace"}}}
    return Create(REVISIONS, headed(REVISIONS, metadata, data=data, revision=number))


def _status(stateful: Object, pods: Sequence[PodRow], revisions: Sequence[Object], fresh: str) -> Iterator[Change]:
    wanted, old = replicas_of(stateful), stateful.get("status") or {}
    living = [pod for pod in pods if pod.active]
    renewed = sum(pod.labels.get(REVISION) == fresh for pod in living)
    ready = sum(pod.ready for pod in living)
    done = renewed == len(living) == wanted == ready
    current = fresh if done or not old.get("currentRevision") else old["currentRevision"]
    status = {
        "availableReplicas": ready,
        "collisionCount": 0,
        "currentReplicas": sum(pod.labels.get(REVISION) == current for pod in living),
        "currentRevision": current,
        "observedGeneration": stateful["metadata"].get("generation", 1),
        "readyReplicas": ready,
        "replicas": len(living),
        "updateRevision": fresh,
        "updatedReplicas": renewed,
    }
    optional = ("currentReplicas", "readyReplicas", "updatedReplicas")
    status = {name: value for name, value in status.items() if value or name not in optional}
    if status != old:
        yield SetStatus(RESOURCE, key_of(stateful), status)
