"""The lines of a log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.view_models.glyphs import Glyphs
from tui.view_models.logs import LogBuffer, log_line
from tui.view_models.text import Line, Span
from tui.widgets.tail_view import TailView

_STEP = 16


class LogLines(TailView):
    """Raw strings in a bounded buffer; tones are given when a line is painted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "shift(-1)", "Further left", id="log.left"),
        Binding("right", "shift(1)", "Further right", id="log.right"),
    ]

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.buffer = LogBuffer()
        self._left = 0

    @property
    def line_count(self) -> int:
        return len(self.buffer)

    def line_at(self, number: int) -> Line:
        name, rest = log_line(self.buffer[number], self.glyphs)
        if not self._left:
            return (name, rest)
        return (name, Span(" " + self.glyphs.cut + rest.text[self._left + 2 :], rest.tone))

    def add(self, lines: Sequence[str]) -> None:
        """Append lines to the log."""
        self.appended(len(lines), self.buffer.extend(lines))

    def clear(self) -> None:
        """Start over with an empty log that follows."""
        self.buffer.clear()
        self._left = 0
        self.lines_changed()
        self.to_end()

    def action_shift(self, steps: int) -> None:
        self._left = max(self._left + steps * _STEP, 0)
        self.lines_changed()
