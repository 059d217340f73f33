"""Refusals and troubles, in full, until they are dismissed."""

from __future__ import annotations

from tui.view_models.glyphs import Glyphs, State
from tui.view_models.text import Line, Span, wrapped
from tui.widgets.strip_line import StripLine


class NoticeLine(StripLine):
    """The last thing that a person must read: a mark, a sentence and what to do; hidden while there is nothing."""

    DEFAULT_CSS = "NoticeLine { display: none; height: auto; background: $panel; }"

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self.text = ""

    def tell(self, text: str, state: State) -> None:
        """Show a sentence until the next one or until it is dismissed."""
        self.text = text
        self.display = True
        self.show(lambda width: self._lay(text, state, width))
        self.refresh(layout=True)

    def dismiss(self) -> bool:
        """Hide the notice; says whether there was one."""
        shown = self.display
        self.display = False
        self.text = ""
        return shown

    def _lay(self, text: str, state: State, width: int) -> list[Line]:
        head: Line = (Span(" "), self.glyphs.mark(state), Span(" "))
        return wrapped(head, self.glyphs.fold(text), width - 1, self.glyphs.mark(state).tone)
