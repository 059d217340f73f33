"""The registry of actions that key bindings, palette, help and the command line are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.status import ComponentStatus, EnvironmentStatus

Subject = Literal["environment", "cluster", "workers", "gateways", "pod"]
Danger = Literal["none", "changes", "destroys"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What an action is asked of: an environment, and a component of it unless it is the environment itself."""

    environment: EnvironmentStatus
    component: ComponentStatus | None = None


_KINDS: dict[Subject, str] = {
    "cluster": "KubernetesCluster",
    "workers": "KubernetesCluster",
    "gateways": "KubernetesCluster",
    "pod": "KubernetesPod",
}

Guard = Callable[[Selection], str | None]


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do; `guard` gives the reason why it is not possible now, or None.

    `subjects` are the tree lines it is offered on. `key` is its default key, None where it has none.
    """

    id: str
    title: str
    subjects: frozenset[Subject]
    danger: Danger
    guard: Guard
    key: str | None = None

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of component that it can be asked of."""
        return frozenset(_KINDS[subject] for subject in self.subjects if subject in _KINDS)

    def command(self, selection: Selection) -> str:
        """The command line that does the same."""
        name = selection.environment.environment
        if selection.component is None:
            return f"gondolier {self.id} {name}"
        return f"gondolier action {name}/{selection.component.name} {self.id}"


def _busy(selection: Selection) -> str | None:
    if selection.environment.status in ("deploying", "deleting"):
        return f"environment {selection.environment.environment} is {selection.environment.status}: wait or cancel"
    return None


def _deployed(selection: Selection) -> str | None:
    if not selection.environment.deployed:
        return f"environment {selection.environment.environment} has not been deployed yet: deploy it first"
    return _busy(selection)


def _workers_up(selection: Selection) -> str | None:
    component = _component(selection)
    if component.workers >= component.workers_max:
        return f"workers: maximum of {component.workers_max} reached – raise `workers.max`"
    return _deployed(selection)


def _workers_down(selection: Selection) -> str | None:
    if _component(selection).workers <= 1:
        return "workers: at least one worker must stay"
    return _deployed(selection)


def _gateways_up(selection: Selection) -> str | None:
    component = _component(selection)
    if component.gateways >= component.gateways_max:
        return f"gateways: maximum of {component.gateways_max} reached – raise `gateways.max`"
    return _deployed(selection)


def _gateways_down(selection: Selection) -> str | None:
    if _component(selection).gateways <= 1:
        return "gateways: at least one gateway must stay"
    return _deployed(selection)


def _pod_scales(selection: Selection) -> str | None:
    component = _component(selection)
    if component.replicas == 0:
        return f"{component.name} is a bare pod (replicas: 0): it cannot be scaled"
    return _deployed(selection)


def _pod_down(selection: Selection) -> str | None:
    component = _component(selection)
    if component.replicas == 1:
        return f"{component.name}: at least one replica must stay"
    return _pod_scales(selection)


def _component(selection: Selection) -> ComponentStatus:
    if selection.component is None:
        raise ValueError("this action is asked of a component")
    return selection.component


_ENVIRONMENT: frozenset[Subject] = frozenset({"environment"})
_WORKERS: frozenset[Subject] = frozenset({"cluster", "workers"})
_GATEWAYS: frozenset[Subject] = frozenset({"gateways"})
_POD: frozenset[Subject] = frozenset({"pod"})

ACTIONS: tuple[Action, ...] = (
    Action("deploy", "Deploy", _ENVIRONMENT, "changes", _busy, "D"),
    Action("plan", "Plan", _ENVIRONMENT, "none", lambda _: None, "P"),
    Action("destroy", "Destroy", _ENVIRONMENT, "destroys", _busy),
    Action("abandon", "Abandon", _ENVIRONMENT, "destroys", _busy),
    Action("scale-workers-up", "One worker more", _WORKERS, "changes", _workers_up, "+"),
    Action("scale-workers-down", "One worker less", _WORKERS, "destroys", _workers_down, "-"),
    Action("scale-gateways-up", "One gateway more", _GATEWAYS, "changes", _gateways_up, "+"),
    Action("scale-gateways-down", "One gateway less", _GATEWAYS, "destroys", _gateways_down, "-"),
    Action("scale-pod-up", "One replica more", _POD, "changes", _pod_scales, "+"),
    Action("scale-pod-down", "One replica less", _POD, "changes", _pod_down, "-"),
    Action("recreate-pod", "Recreate the pod's replicas", _POD, "destroys", _deployed),
    Action("restart-containers", "Restart containers", _POD, "changes", _deployed),
)

COMPONENT_ACTIONS: tuple[str, ...] = tuple(action.id for action in ACTIONS if action.subjects != _ENVIRONMENT)


def action(name: str) -> Action:
    """The action with this id.

    Raises:
        KeyError: there is none.
    """
    for candidate in ACTIONS:
        if candidate.id == name:
            return candidate
    raise KeyError(name)


def actions_for(subject: Subject) -> tuple[Action, ...]:
    """The actions that a tree line of this sort offers, in the registry's order."""
    return tuple(candidate for candidate in ACTIONS if subject in candidate.subjects)
