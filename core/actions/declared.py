"""The actions on what is declared: environments and their components, each a run of its own."""

from __future__ import annotations

from core.actions.registry import Action, Selection, Subject, always
from core.status import ComponentStatus


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


def _has_containers(selection: Selection) -> str | None:
    """A pod always has replicas; a Docker host may be without applications."""
    component = _component(selection)
    if component.kind == "DockerStandaloneHost" and component.replicas == 0:
        return f"{component.name} has no applications"
    return _deployed(selection)


def _component(selection: Selection) -> ComponentStatus:
    if selection.component is None:
        raise ValueError("this action is asked of a component")
    return selection.component


_ENVIRONMENT: frozenset[Subject] = frozenset({"environment"})
_WORKERS: frozenset[Subject] = frozenset({"cluster", "workers"})
_GATEWAYS: frozenset[Subject] = frozenset({"gateways"})
_POD: frozenset[Subject] = frozenset({"pod"})
_HOST: frozenset[Subject] = frozenset({"host", "container"})

DECLARED: tuple[Action, ...] = (
    Action("deploy", "Deploy", _ENVIRONMENT, "changes", _busy, "D"),
    Action("plan", "Plan", _ENVIRONMENT, "none", always, "P"),
    Action("destroy", "Destroy", _ENVIRONMENT, "destroys", _busy, "delete"),
    Action("abandon", "Abandon", _ENVIRONMENT, "destroys", _busy),
    Action("scale-workers-up", "One worker more", _WORKERS, "changes", _workers_up, "+"),
    Action("scale-workers-down", "One worker less", _WORKERS, "destroys", _workers_down, "-"),
    Action("scale-gateways-up", "One gateway more", _GATEWAYS, "changes", _gateways_up, "+"),
    Action("scale-gateways-down", "One gateway less", _GATEWAYS, "destroys", _gateways_down, "-"),
    Action("scale-pod-up", "One replica more", _POD, "changes", _pod_scales, "+"),
    Action("scale-pod-down", "One replica less", _POD, "changes", _pod_down, "-"),
    Action("recreate-pod", "Recreate the pod's replicas", _POD, "destroys", _deployed),
    Action("restart-containers", "Restart containers", _POD | _HOST, "changes", _has_containers),
    Action("recreate-containers", "Make containers anew", _HOST, "destroys", _has_containers),
)
