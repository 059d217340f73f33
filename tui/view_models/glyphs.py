"""The marks of states and of the screen's furniture, with an ascii set for terminals without unicode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tui.view_models.text import Span, Tone

State = Literal["ready", "working", "wanted", "degraded", "failed", "stale", "unknown"]

TONE_OF: Mapping[State, Tone] = {
    "ready": "good",
    "working": "working",
    "wanted": "dim",
    "degraded": "warn",
    "failed": "bad",
    "stale": "stale",
    "unknown": "dim",
}

_FOLDS = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "…": "...",
        "·": ".",
        "→": "->",
        "×": "x",
        "≤": "<=",
        "≥": ">=",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "▸": ">",
        "▾": "v",
        "↻": "r",
        "─": "-",
        "│": "|",
        "●": "*",
        "◐": "~",
        "○": "o",
        "▲": "!",
        "✖": "x",
        "◌": "?",
        "▼": "v",
        "◆": "+",
        "↑": "^",
        "↓": "v",
        "█": "#",
        "░": "-",
    }
)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of marks; every state's mark is one cell wide."""

    states: Mapping[State, str]
    opened: str
    closed: str
    crumb: str
    cut: str
    rule: str
    more: str
    restarts: str
    dash: str
    marked: str
    up: str
    down: str
    bar: str
    groove: str
    sparks: str
    ascii: bool

    def mark(self, state: State) -> Span:
        """The state's mark in its tone."""
        return Span(self.states[state], TONE_OF[state])

    def fold(self, text: str) -> str:
        """The text as this terminal can show it; control characters never reach it."""
        if not text.isprintable():
            text = "".join(character if character.isprintable() else " " for character in text)
        if not self.ascii or text.isascii():
            return text
        return text.translate(_FOLDS).encode("ascii", "replace").decode("ascii")


UNICODE = Glyphs(
    states={
        "ready": "●",
        "working": "◐",
        "wanted": "○",
        "degraded": "▲",
        "failed": "✖",
        "stale": "◌",
        "unknown": "·",
    },
    opened="▾",
    closed="▸",
    crumb="▸",
    cut="…",
    rule="─",
    more="▼",
    restarts="↻",
    dash="–",
    marked="◆",
    up="↑",
    down="↓",
    bar="█",
    groove="░",
    sparks="▁▂▃▄▅▆▇█",
    ascii=False,
)

ASCII = Glyphs(
    states={
        "ready": "*",
        "working": "~",
        "wanted": "o",
        "degraded": "!",
        "failed": "x",
        "stale": "?",
        "unknown": ".",
    },
    opened="v",
    closed=">",
    crumb=">",
    cut="~",
    rule="-",
    more="v",
    restarts="r",
    dash="-",
    marked="+",
    up="^",
    down="v",
    bar="#",
    groove="-",
    sparks="_.-=+*#@",
    ascii=True,
)


def glyphs_for(environ: Mapping[str, str], encoding: str) -> Glyphs:
    """The set that the terminal can show: ascii on request, on a dumb or Linux console, and outside UTF-8."""
    asked = environ.get("GONDOLIER_ASCII", "") not in ("", "0")
    poor = environ.get("TERM", "") in ("dumb", "linux")
    unicode = encoding.lower().replace("-", "").replace("_", "") == "utf8"
    return ASCII if asked or poor or not unicode else UNICODE
