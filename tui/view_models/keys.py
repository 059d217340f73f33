"""The key line: what the selected line can do now, and what it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui.verbs import Offer
from tui.view_models.glyphs import Glyphs
from tui.view_models.text import Line, Span, width_of


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key with its title; `action` is the screen's action behind it, `refusal` why it is not possible now."""

    key: str
    title: str
    action: str
    refusal: str | None = None


GENERAL: tuple[KeyHint, ...] = (
    KeyHint("/", "Filter", "filter"),
    KeyHint("z", "Maximize", "maximize"),
    KeyHint("?", "Help", "help"),
    KeyHint("q", "Quit", "leave"),
)
"""What every line offers."""


def key_hints(offered: Iterable[Offer]) -> list[KeyHint]:
    """The hints of the selected line's actions that have a key, then the general ones."""
    hints = [
        KeyHint(offer.action.key, offer.action.title, f"act('{offer.action.id}')", offer.refusal)
        for offer in offered
        if offer.action.key is not None
    ]
    return [*hints, *GENERAL]


def key_line(hints: Sequence[KeyHint], width: int, glyphs: Glyphs) -> list[tuple[KeyHint, Line]]:
    """The hints that fit, each with its spans; the key of what is not possible is dim and in parentheses.

    Help and quit stay; where not all fit, what is not possible goes first, then the other general ones.
    """
    shown = list(hints)
    while len(shown) > 2 and sum(width_of(_spans(hint)) for hint in shown) > width:
        refused = [hint for hint in shown if hint.refusal is not None]
        shown.remove(refused[-1] if refused else shown[-3])
    return [(hint, _spans(hint)) for hint in shown]


def _spans(hint: KeyHint) -> Line:
    if hint.refusal is not None:
        return (Span(f" ({hint.key}) {hint.title} ", "dim"),)
    return (Span(f" {hint.key} ", "key"), Span(f"{hint.title} "))
