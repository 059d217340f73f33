"""The key line: what the selected line can do now, and what it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui.verbs import Offer
from tui.view_models.glyphs import Glyphs
from tui.view_models.text import Line, Span, width_of


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key with its title; `action` is the screen's action behind it, `refusal` why it is not possible now.

    What is not done `often` is the first to go where there is no room.
    """

    key: str
    title: str
    action: str
    refusal: str | None = None
    often: bool = True


GENERAL: tuple[KeyHint, ...] = (
    KeyHint("/", "Filter", "filter"),
    KeyHint("z", "Maximize", "maximize"),
    KeyHint("?", "Help", "app.help"),
    KeyHint("q", "Quit", "leave"),
)
"""What every line offers."""


_RANK = {key: rank for rank, key in enumerate(("+", "-", "=", "D", "P", "l", "d", "y", "e", "s", "delete", "F", "r"))}
"""Which keys stay on a line that is too narrow for all."""

_SHORT = {"delete": "del"}


def key_hints(offered: Iterable[Offer], own: Iterable[tuple[str, str]] = ()) -> list[KeyHint]:
    """The `own` hints of what has the focus, then the selection's actions, the most wanted first, the general ones."""
    keyed = [(offer.action.key, offer) for offer in offered if offer.action.key is not None]
    keyed.sort(key=lambda pair: _RANK.get(pair[0], len(_RANK)))
    hints = [
        KeyHint(
            _SHORT.get(key, key),
            offer.action.title.partition(":")[0],
            f"act('{offer.action.id}')",
            offer.refusal,
            key in _RANK,
        )
        for key, offer in keyed
    ]
    return [*(KeyHint(key, title, "") for key, title in own), *hints, *GENERAL]


def key_line(hints: Sequence[KeyHint], width: int, glyphs: Glyphs) -> list[tuple[KeyHint, Line]]:
    """The hints that fit, each with its spans; the key of what is not possible is dim and in parentheses.

    Help and quit stay; where not all fit, what is seldom done goes first, then what is not possible, then the rest.
    """
    shown = list(hints)
    while len(shown) > 2 and sum(width_of(_spans(hint)) for hint in shown) > width:
        seldom = [hint for hint in shown if not hint.often] or [hint for hint in shown if hint.refusal is not None]
        shown.remove(seldom[-1] if seldom else shown[-3])
    return [(hint, _spans(hint)) for hint in shown]


def hint_line(hints: Iterable[tuple[str, str]]) -> Line:
    """Keys with their titles, one after the other."""
    return tuple(span for key, title in hints for span in (Span(f" {key} ", "key"), Span(f"{title} ")))


def _spans(hint: KeyHint) -> Line:
    if hint.refusal is not None:
        return (Span(f" ({hint.key}) {hint.title} ", "dim"),)
    return (Span(f" {hint.key} ", "key"), Span(f"{hint.title} "))
