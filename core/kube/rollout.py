"""Rollouts of Deployments, StatefulSets and DaemonSets: begun, held, taken back, and how far they are.

The annotations and the order of things are kubectl's (kubernetes/kubectl/pkg/polymorphichelpers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.engine.errors import Refusal
from core.kube import paths
from core.kube.access import Cluster, Object
from core.kube.objects import path_of, read
from core.live.objects import Target

_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_REVISION = "deployment.kubernetes.io/revision"
_CAUSE = "kubernetes.io/change-cause"
_HASH = "pod-template-hash"


@dataclass(frozen=True, slots=True)
class Revision:
    """A former or the present state of a workload's pods."""

    number: int
    cause: str
    template: Mapping[str, Any]

    @property
    def images(self) -> str:
        return ", ".join(str(one.get("image")) for one in self.template.get("spec", {}).get("containers", ()))


async def restart(cluster: Cluster, target: Target) -> None:
    """Have the workload make all its pods anew, as its strategy says."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    annotations = {"metadata": {"annotations": {_RESTARTED: now}}}
    await cluster.patch(path_of(target), {"spec": {"template": annotations}})


async def hold(cluster: Cluster, target: Target) -> bool:
    """Pause the rollout of a Deployment, or resume a paused one; True where it is paused now."""
    paused = not (await read(cluster, target))["spec"].get("paused", False)
    await cluster.patch(path_of(target), {"spec": {"paused": True if paused else None}})
    return paused


async def revisions(cluster: Cluster, target: Target) -> list[Revision]:
    """The kept revisions, the oldest first."""
    owner = await read(cluster, target)
    uid = owner["metadata"]["uid"]
    resource, reading = ("replicasets", _of_set) if target.kind.kind == "Deployment" else _CONTROLLER
    found = await cluster.get(paths.collection("apps/v1", resource, target.namespace)) or {}
    mine = [item for item in found.get("items") or () if _owned(item, uid)]
    return sorted((reading(item) for item in mine), key=lambda one: one.number)


async def undo(cluster: Cluster, target: Target, number: int = 0) -> Revision:
    """Go back to a revision, to the one before the present for 0; the answer is that revision.

    Raises:
        Refusal: there is no such revision, or it is what runs already.
    """
    kept = await revisions(cluster, target)
    wanted = _chosen(kept, number)
    if wanted is None:
        have = ", ".join(str(one.number) for one in kept) or "none"
        what = f"{target} has no revision {number}" if number else f"{target} has no revision before this one"
        raise Refusal(f"{what}; kept: {have}", where=cluster.name)
    if wanted.number == kept[-1].number:
        raise Refusal(f"revision {wanted.number} of {target} is what runs already", where=cluster.name)
    change = {"op": "replace", "path": "/spec/template", "value": dict(wanted.template)}
    await cluster.patch_json(path_of(target), [change])
    return wanted


async def status_lines(cluster: Cluster, target: Target) -> list[str]:
    """The rollout's status in a sentence, then a line for each revision, the newest first."""
    owner = await read(cluster, target)
    lines = [status_text(target.kind.kind, owner), ""]
    for one in reversed(await revisions(cluster, target)):
        cause = f"  {one.cause}" if one.cause else ""
        lines.append(f"revision {one.number}: {one.images}{cause}")
    return lines


def status_text(kind: str, owner: Object) -> str:
    """How far the rollout is, as `kubectl rollout status` puts it."""
    name, spec, status = owner["metadata"]["name"], owner.get("spec", {}), owner.get("status", {})
    if status.get("observedGeneration", 0) < owner["metadata"].get("generation", 0):
        return f"{name}: waiting until the change is seen"
    if kind == "DaemonSet":
        return _daemon_text(name, status)
    if kind == "Deployment" and (stuck := _stuck(status)):
        return f"{name}: {stuck}"
    wanted = spec.get("replicas", 1)
    updated, ready = status.get("updatedReplicas", 0), status.get("readyReplicas", 0)
    if spec.get("paused"):
        return f"{name}: paused, {updated} of {wanted} replicas are of the newest revision"
    if updated < wanted:
        return f"{name}: {updated} of {wanted} replicas are of the newest revision"
    if kind == "Deployment" and status.get("replicas", 0) > updated:
        return f"{name}: {status['replicas'] - updated} old replicas are still to end"
    if ready < wanted:
        return f"{name}: {ready} of {wanted} replicas are ready"
    return f"{name}: complete, {ready} of {wanted} replicas are ready"


def _daemon_text(name: str, status: Object) -> str:
    wanted = status.get("desiredNumberScheduled", 0)
    updated, available = status.get("updatedNumberScheduled", 0), status.get("numberAvailable", 0)
    if updated < wanted:
        return f"{name}: {updated} of {wanted} nodes have the newest revision"
    if available < wanted:
        return f"{name}: {available} of {wanted} nodes have it available"
    return f"{name}: complete on {wanted} nodes"


def _stuck(status: Object) -> str:
    conditions = status.get("conditions", ())
    found: Object = next((one for one in conditions if one.get("type") == "Progressing"), {})
    return str(found.get("message")) if found.get("reason") == "ProgressDeadlineExceeded" else ""


def _chosen(kept: Sequence[Revision], number: int) -> Revision | None:
    if number:
        return next((one for one in kept if one.number == number), None)
    return kept[-2] if len(kept) > 1 else None


def _owned(item: Object, uid: str) -> bool:
    owners = item["metadata"].get("ownerReferences", ())
    return any(owner.get("uid") == uid and owner.get("controller") for owner in owners)


def _of_set(item: Object) -> Revision:
    annotations = item["metadata"].get("annotations", {})
    template = dict(item["spec"]["template"])
    metadata = dict(template.get("metadata", {}))
    metadata["labels"] = {key: value for key, value in metadata.get("labels", {}).items() if key != _HASH}
    return Revision(int(annotations.get(_REVISION, 0)), annotations.get(_CAUSE, ""), template | {"metadata": metadata})


def _of_revision(item: Object) -> Revision:
    template = {key: value for key, value in item["data"]["spec"]["template"].items() if key != "$patch"}
    return Revision(int(item["revision"]), item["metadata"].get("annotations", {}).get(_CAUSE, ""), template)


_CONTROLLER = ("controllerrevisions", _of_revision)
