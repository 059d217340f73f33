"""The help screen's lines, made from the registry and the bindings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tui.verbs import KEYED, Offer, where
from tui.view_models.glyphs import Glyphs
from tui.view_models.text import EMPTY, Line, Span, spread, wrapped

Rows = Sequence[tuple[str, str, str]]
"""Keys, what they do, and the id by which they can be changed."""


def help_lines(
    offered: Sequence[Offer], selected: str, sections: Iterable[tuple[str, Rows]], width: int, glyphs: Glyphs
) -> list[Line]:
    """What the selection can do or why not, then every other key; `sections` are titles with their rows."""
    lines: list[Line] = []
    if selected:
        lines += [*_offer_lines(offered, selected, width, glyphs), *_elsewhere_lines(offered, width, glyphs)]
    for title, rows in sections:
        lines += [EMPTY, (Span(title, "title"),)] if lines else [(Span(title, "title"),)]
        lines += [_row(key, text, name, width, glyphs) for key, text, name in rows]
    return lines


def _row(key: str, text: str, name: str, width: int, glyphs: Glyphs) -> Line:
    left: Line = (Span(f"  {glyphs.fold(key):<14} ", "key"), Span(glyphs.fold(text)))
    return spread(left, (Span(name, "dim"),), width, glyphs.cut)


def _offer_lines(offered: Sequence[Offer], selected: str, width: int, glyphs: Glyphs) -> list[Line]:
    lines: list[Line] = [(Span(f"On {selected}", "title"),)]
    for offer in offered:
        key = offer.action.key or "ctrl+p"
        if offer.refusal is None:
            lines += wrapped((Span(f"  {key:<14}", "key"),), offer.action.title, width)
        else:
            text = f"{offer.action.title}: not now, {offer.refusal}"
            lines += wrapped((Span(f"  ({key})".ljust(16), "dim"),), glyphs.fold(text), width, "dim")
    return lines


def _elsewhere_lines(offered: Sequence[Offer], width: int, glyphs: Glyphs) -> list[Line]:
    here = {offer.action.id for offer in offered}
    others = [action for action in KEYED if action.id not in here]
    lines: list[Line] = [EMPTY, (Span("On other lines", "title"),)] if others else []
    for action in others:
        text = f"{action.title} ({where([action])})"
        lines += wrapped((Span(f"  {action.key:<14}", "key"),), glyphs.fold(text), width)
    return lines
