"""The registry of actions that key bindings, palette, help and the command line are made from."""

from __future__ import annotations

from core.actions.declared import DECLARED
from core.actions.live import LIVE, subjects_of
from core.actions.registry import Action, Ask, Danger, Guard, Need, Selection, Subject, always

__all__ = [
    "ACTIONS",
    "COMPONENT_ACTIONS",
    "LIVE_ACTIONS",
    "Action",
    "Ask",
    "Danger",
    "Guard",
    "Need",
    "Selection",
    "Subject",
    "action",
    "actions_for",
    "always",
    "subjects_of",
]

ACTIONS: tuple[Action, ...] = DECLARED
"""What environments and components can be asked."""

LIVE_ACTIONS: tuple[Action, ...] = LIVE
"""What live objects can be asked."""

COMPONENT_ACTIONS: tuple[str, ...] = tuple(action.id for action in ACTIONS if action.kinds)


def action(name: str) -> Action:
    """The action with this id.

    Raises:
        KeyError: there is none.
    """
    for candidate in (*ACTIONS, *LIVE_ACTIONS):
        if candidate.id == name:
            return candidate
    raise KeyError(name)


def actions_for(subject: Subject) -> tuple[Action, ...]:
    """The actions that a line of this sort offers, in the registry's order."""
    return tuple(candidate for candidate in (*ACTIONS, *LIVE_ACTIONS) if subject in candidate.subjects)
