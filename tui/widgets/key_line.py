"""The line of keys at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from textual.events import Click, MouseMove

from tui.view_models.glyphs import Glyphs
from tui.view_models.keys import KeyHint, key_line
from tui.view_models.text import Line, width_of
from tui.widgets.strip_line import StripLine


class KeyLine(StripLine):
    """What the selected line can do; a click does it, hovering tells why not."""

    DEFAULT_CSS = "KeyLine { height: 1; background: $panel; }"

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._hints: Sequence[KeyHint] = ()

    def show_hints(self, hints: Sequence[KeyHint]) -> None:
        """Show these keys."""
        self._hints = hints
        self.show(self._lay)

    def hint_at(self, x: int) -> KeyHint | None:
        """The hint under this column."""
        for hint, line in key_line(self._hints, self.size.width, self.glyphs):
            x -= width_of(line)
            if x < 0:
                return hint
        return None

    def on_mouse_move(self, event: MouseMove) -> None:
        hint = self.hint_at(event.x)
        self.tooltip = hint.refusal if hint else None

    async def on_click(self, event: Click) -> None:
        hint = self.hint_at(event.x)
        if hint is not None and hint.action:
            await self.screen.run_action(hint.action)

    def _lay(self, width: int) -> list[Line]:
        hints = key_line(self._hints, width, self.glyphs)
        return [tuple(span for _, line in hints for span in line)]
