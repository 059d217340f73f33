"""Two sides that changed the same text, each as a difference from where both began."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from tui.view_models.glyphs import Glyphs
from tui.view_models.reader import reader_lines
from tui.view_models.text import EMPTY, Line, Span, wrapped


@dataclass(frozen=True, slots=True)
class Sides:
    """What was edited from (`base`), what is wanted (`mine`), what is there now (`theirs`)."""

    title: str
    message: str
    base: str
    mine: str
    theirs: str
    mine_title: str = "What you changed"
    theirs_title: str = "What was changed meanwhile"


def sides_lines(sides: Sides, width: int, glyphs: Glyphs) -> list[Line]:
    """The message, then both differences one after the other."""
    lines = wrapped((glyphs.mark("degraded"), Span(" ")), glyphs.fold(sides.message), width, "warn")
    for title, text in ((sides.theirs_title, sides.theirs), (sides.mine_title, sides.mine)):
        lines += [EMPTY, (Span(title, "title"),), EMPTY]
        lines += reader_lines(difference(sides.base, text), "diff", None, width, glyphs) or [(Span("nothing", "dim"),)]
    return lines


def difference(before: str, after: str, context: int = 3) -> str:
    """What has to be done to one text to get the other one, as a unified difference without file names."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=context, lineterm="")
    return "\n".join(line for number, line in enumerate(found) if number > 1)
