"""A plan's lines of text in tones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.view_models.glyphs import Glyphs
from tui.view_models.text import EMPTY, Line, Span, Tone, wrapped

_DIFF: Mapping[str, Tone] = {"+": "good", "-": "bad", "~": "warn", "@": "working"}


def plan_heading(environment: str, steps: Sequence[str] | None, trouble: str, glyphs: Glyphs) -> tuple[Line, Line]:
    """The heading and the keys of the plan screen."""
    title = Span(f" Plan of {environment}", "title")
    back: Line = (Span(" esc ", "key"), Span("Back "))
    if trouble or not steps:
        return (title,), back
    return (title, Span("   nothing has been touched yet", "dim")), (Span(" D ", "key"), Span("Deploy "), *back)


def plan_lines(steps: Sequence[str] | None, trouble: str, width: int, glyphs: Glyphs) -> list[Line]:
    """The plan's lines; additions, removals and changes keep their sign and get its tone."""
    if trouble:
        return wrapped((glyphs.mark("failed"), Span(" ")), glyphs.fold(trouble), width, "bad")
    if steps is None:
        return [(Span("looking at the machines, comparing them with the document", "dim"),)]
    if not steps:
        return [(glyphs.mark("ready"), Span(" nothing to do: everything is as declared"))]
    return [row for block in steps for text in block.splitlines() or [""] for row in _rows(text, width, glyphs)]


def _rows(text: str, width: int, glyphs: Glyphs) -> list[Line]:
    if not text.strip():
        return [EMPTY]
    body = text.lstrip()
    indent = " " * (len(text) - len(body))
    tone = _DIFF.get(body[0], "text") if indent else "strong"
    return wrapped((Span(indent),), glyphs.fold(body), width, tone)
