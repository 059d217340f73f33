"""Why an action on live objects is not possible now, from the rows at hand; what is not known is left to the server.

Rows are read by their fields' names, so that the registry needs no Kubernetes code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.actions.registry import Guard, Selection
from core.live.objects import Target

Reason = Callable[[Target], str | None]


def each(*reasons: Reason) -> Guard:
    """The guard that gives the first reason which holds for one of the objects."""

    def guard(selection: Selection) -> str | None:
        found = (reason(target) for target in selection.objects for reason in reasons)
        return next((text for text in found if text is not None), None)

    return guard


def field(target: Target, path: str) -> Any:
    """A field of the object's row by its dotted path, None where there is no row or no such field."""
    found: Any = target.row
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def not_owned(target: Target) -> str | None:
    """What has a controller is that controller's to change."""
    owner = next((owner for owner in field(target, "metadata.owner_references") or () if owner.controller), None)
    if owner is None:
        return None
    return f"{target.name} belongs to {owner.kind} {owner.name}, which would undo this: ask that one"


def owned(target: Target) -> str | None:
    """A pod that nothing made comes not back."""
    if target.row is None or any(owner.controller for owner in field(target, "metadata.owner_references") or ()):
        return None
    return f"{target.name} has no controller: nothing would bring it back; delete it instead"


def above_zero(target: Target) -> str | None:
    """Nothing is below no replicas."""
    return f"{target.name} has no replicas already" if field(target, "spec.replicas") == 0 else None


def not_paused(target: Target) -> str | None:
    """A held rollout does not begin another one."""
    return f"the rollout of {target.name} is paused: resume it first" if field(target, "spec.paused") else None


def pausable(target: Target) -> str | None:
    """Only a Deployment's rollout can be held."""
    kind = target.kind.kind
    return None if kind == "Deployment" else f"the rollout of a {kind} cannot be paused"


def runs(target: Target) -> str | None:
    """A finished pod has no process to talk to."""
    phase = field(target, "status.phase")
    if phase in ("Succeeded", "Failed"):
        return f"{target.name} has ended ({phase}): nothing runs in it"
    return f"{target.name} does not run yet ({phase})" if phase == "Pending" else None


def restarted(target: Target) -> str | None:
    """Without a restart there is no log before the present one."""
    statuses = field(target, "status.container_statuses")
    if statuses is None or any(status.restart_count for status in statuses):
        return None
    return f"no container of {target.name} has restarted: there is no log before this one"


def scheduled(target: Target) -> str | None:
    """A pod without a node has none to be shown."""
    return f"{target.name} is on no node yet" if field(target, "spec.node_name") == "" else None


def schedulable(target: Target) -> str | None:
    """A cordoned node is not cordoned again."""
    return f"{target.name} is cordoned already" if field(target, "spec.unschedulable") else None


def cordoned(target: Target) -> str | None:
    """An open node is not uncordoned."""
    return f"{target.name} is not cordoned" if field(target, "spec.unschedulable") is False else None


def has_owner(target: Target) -> str | None:
    """Without an owner there is none to go to."""
    if target.row is None or field(target, "metadata.owner_references"):
        return None
    return f"{target.name} has no owner"


def not_a_machine(selection: Selection) -> str | None:
    """The node of a declared machine goes with its machine, never alone."""
    machines = {node.name for component in selection.environment.components for node in component.nodes}
    found = next((one for one in selection.objects if one.kind.kind == "Node" and one.name in machines), None)
    if found is None:
        return None
    return f"{found.name} is a machine of {found.cluster}: scale the cluster down, or drain it"
