"""The console's own actions, in the registry's shape, and what a tree line can be asked right now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.actions import ACTIONS, Action, Selection, Subject
from tui.view_models.health import LIVE_RUN
from tui.view_models.tree import TreeLine


def _has_logs(selection: Selection) -> str | None:
    environment = selection.environment
    if environment.status == "new":
        return f"environment {environment.environment} has not been deployed yet: there are no logs"
    return None


def _runs(selection: Selection) -> str | None:
    environment = selection.environment
    if environment.status not in LIVE_RUN:
        return f"nothing runs in {environment.environment}: it is {environment.status}"
    return None


VERBS: tuple[Action, ...] = (
    Action("logs", "Logs", frozenset({"pod"}), "none", _has_logs, "l"),
    Action("cancel", "Cancel the run", frozenset({"environment"}), "changes", _runs, "c"),
)
"""What the console can do beside the registry's actions; the command line has commands of its own for them."""

KEYED: tuple[Action, ...] = tuple(action for action in (*ACTIONS, *VERBS) if action.key is not None)
"""Every action with a default key, in the registry's order."""

_UNSUPPORTED = frozenset({"destroy", "abandon"})

PLACES: dict[Subject, str] = {
    "environment": "an environment",
    "cluster": "a cluster",
    "workers": "its workers",
    "gateways": "its gateways",
    "pod": "a pod",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """An action on the selected line; `refusal` is the reason why it is not possible now."""

    action: Action
    selection: Selection
    refusal: str | None


def offers(line: TreeLine | None) -> list[Offer]:
    """What the line can be asked, the nearest subject first; empty where nothing is selected."""
    if line is None:
        return []
    return [offer for subject in line.subjects for offer in _offers_on(line, subject)]


def offer_of(line: TreeLine | None, name: str) -> Offer | None:
    """The offer of the action with this id on the line, None where the line does not have it."""
    return next((offer for offer in offers(line) if offer.action.id == name), None)


def where(actions: Iterable[Action]) -> str:
    """The sentence that says on which lines these actions are offered."""
    subjects = [subject for subject in PLACES if any(subject in action.subjects for action in actions)]
    return "select " + " or ".join(PLACES[subject] for subject in subjects)


def _offers_on(line: TreeLine, subject: Subject) -> list[Offer]:
    selection = line.selection(subject)
    return [
        Offer(action, selection, action.guard(selection))
        for action in (*ACTIONS, *VERBS)
        if subject in action.subjects and action.id not in _UNSUPPORTED
    ]
