"""The tabs of the pane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.events import Click
from textual.message import Message

from tui.view_models.glyphs import Glyphs
from tui.view_models.text import Line, Span, width_of
from tui.widgets.strip_line import StripLine


class TabLine(StripLine):
    """One line of numbered titles, the open one marked by brackets and colour."""

    DEFAULT_CSS = "TabLine { height: 1; padding: 0 1; }"

    @dataclass
    class TabClicked(Message):
        """A title was clicked."""

        number: int

    def __init__(self, titles: Sequence[str], glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._titles = titles
        self._active = 0
        self._gap = 2

    def show_tabs(self, active: int) -> None:
        """Mark the tab with this number, counted from 0."""
        self._active = active
        self.show(self._lay)

    def _lay(self, width: int) -> list[Line]:
        """With two blanks between the titles where there is room for them."""
        for self._gap in (2, 1, 0):
            titles = [self._title(number, number == self._active) for number in range(len(self._titles))]
            if sum(map(width_of, titles)) - self._gap <= width:
                break
        return [tuple(span for title in titles for span in title)]

    def on_click(self, event: Click) -> None:
        x = event.x - self.styles.padding.left
        for number in range(len(self._titles)):
            x -= width_of(self._title(number, False))
            if x < 0:
                self.post_message(self.TabClicked(number))
                return

    def _title(self, number: int, active: bool) -> Line:
        title = self._titles[number]
        if active:
            return (Span(f"{number + 1}", "key"), Span(f"[{title}]", "title"), Span(" " * self._gap))
        return (Span(f"{number + 1}", "dim"), Span(f" {title} ", "dim"), Span(" " * self._gap))
