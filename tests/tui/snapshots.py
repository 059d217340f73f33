"""Screens as text files: what was drawn is compared with what was drawn when somebody last looked at it.

`GONDOLIER_SNAPSHOTS=write python -m pytest tests/tui/test_snapshots.py` writes them anew; look at the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

from rich.style import Style
from textual.app import App

DIRECTORY = Path(__file__).parent / "snapshots"

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def screen_text(app: App[None]) -> str:
    """The characters on the screen, a line each, without blanks at their ends."""
    strips = app.screen._compositor.render_strips()
    return "".join("".join(segment.text for segment in strip).rstrip() + "\n" for strip in strips)


def screen_styles(app: App[None]) -> str:
    """The styles on the screen: a letter a cell, and below what the letters mean."""
    known: dict[str, str] = {}
    lines: list[str] = []
    for strip in app.screen._compositor.render_strips():
        line = ""
        for segment in strip:
            words = _words(segment.style or Style.null())
            letter = known.setdefault(words, _LETTERS[len(known) % len(_LETTERS)])
            line += letter * segment.cell_length
        lines.append(line)
    legend = [f"{letter} {words}" for words, letter in known.items()]
    return "\n".join([*lines, "", *legend, ""])


def difference(name: str, drawn: str) -> str:
    """ "" where this is what was drawn before, else the name with the first line that differs."""
    path = DIRECTORY / f"{name}.txt"
    if os.environ.get("GONDOLIER_SNAPSHOTS") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(drawn, encoding="utf-8")
        return ""
    wanted = path.read_text(encoding="utf-8") if path.is_file() else ""
    if wanted == drawn:
        return ""
    pairs = zip(wanted.splitlines() + [""] * 200, drawn.splitlines(), strict=False)
    number, (before, now) = next((at, pair) for at, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    return f"{path.name}:{number}\n  was {before!r}\n  is  {now!r}"


def _words(style: Style) -> str:
    """A style without links and metadata."""
    colours = f"{style.color.name if style.color else 'none'} on {style.bgcolor.name if style.bgcolor else 'none'}"
    marks = [name for name in ("bold", "dim", "italic", "underline", "reverse") if getattr(style, name)]
    return " ".join([colours, *marks])
