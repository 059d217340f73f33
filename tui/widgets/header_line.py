"""The header."""

from __future__ import annotations

from tui.widgets.strip_line import StripLine


class HeaderLine(StripLine):
    """One line: the program, the path of the selection, the counts, what is simulated."""

    DEFAULT_CSS = "HeaderLine { height: 1; background: $panel; }"
