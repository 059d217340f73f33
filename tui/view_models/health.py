"""The state that environments, components, machines and replicas are in, with the word for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.status import ComponentStatus, ConditionStatus, EnvironmentStatus, InstanceStatus, NodeStatus
from tui.view_models.glyphs import State

LIVE_RUN = ("deploying", "deleting")
"""The statuses of an environment that has a run going on."""

_ENVIRONMENT: Mapping[str, State] = {
    "new": "wanted",
    "pending": "wanted",
    "deploying": "working",
    "deleting": "working",
    "deploy failure": "failed",
    "delete failure": "failed",
}

_GOING = ("Pending", "ContainerCreating", "PodInitializing", "Terminating", "Init")

_ORDER: tuple[State, ...] = ("failed", "degraded", "working", "stale", "wanted", "unknown", "ready")


def worst(states: Iterable[State]) -> State:
    """The state that a person must know of first; unknown where there is none."""
    return min(states, key=_ORDER.index, default="unknown")


def environment_state(environment: EnvironmentStatus) -> State:
    """What an environment's own mark says; a ready one is as good as its components."""
    if environment.status in _ENVIRONMENT:
        return _ENVIRONMENT[environment.status]
    if environment.trouble:
        return "degraded"
    states = [component_state(environment, component) for component in environment.components]
    return worst(states) if states else "ready"


def environment_word(environment: EnvironmentStatus) -> str:
    """The environment's status, "degraded" where it is ready in name only."""
    degraded = environment.status == "ready" and environment_state(environment) in ("degraded", "failed")
    return "degraded" if degraded else environment.status


def component_state(environment: EnvironmentStatus, component: ComponentStatus) -> State:
    """What a component's conditions say together."""
    if not component.conditions:
        return "wanted" if environment.status in ("new", "pending") else "unknown"
    if any(condition.status == "False" for condition in component.conditions):
        return broken(environment)
    if any(condition.status == "Unknown" for condition in component.conditions):
        return "unknown"
    return "ready"


def broken(environment: EnvironmentStatus) -> State:
    """How to take what does not hold: as work going on, as wanted, or as a fault."""
    if environment.status == "ready":
        return "degraded"
    return _ENVIRONMENT.get(environment.status, "degraded")


def condition_state(environment: EnvironmentStatus, condition: ConditionStatus) -> State:
    """The mark of one condition."""
    if condition.status == "True":
        return "ready"
    return "unknown" if condition.status == "Unknown" else broken(environment)


def node_state(environment: EnvironmentStatus, node: NodeStatus) -> State:
    """A machine is ready, or it is being worked on, or it is degraded."""
    if node.ready:
        return "ready"
    return "working" if environment.status in LIVE_RUN else "degraded"


def instance_state(instance: InstanceStatus) -> State:
    """A replica is ready, on its way, or degraded."""
    if instance.ready:
        return "ready"
    return "working" if instance.status.startswith(_GOING) else "degraded"


def age(seconds: float) -> str:
    """A length of time in its largest unit, as "12 s" or "3 min"."""
    seconds = max(seconds, 0)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return f"{int(seconds)} s"
