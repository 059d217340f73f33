"""The base of one-line widgets: header, tabs, keys, notices."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size

from tui.view_models.text import Line
from tui.widgets.line_view import Layout, LineView


class StripLine(LineView, can_focus=False, inherit_bindings=False):
    """A few lines that never scroll and never take the focus; as high as what they show."""

    ALLOW_SELECT = False

    DEFAULT_CSS = "StripLine { height: auto; overflow-y: hidden; }"

    @property
    def allow_vertical_scroll(self) -> bool:
        return False

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(self.line_count, 1)

    def show(self, layout: Layout) -> None:
        height = self.line_count
        super().show(layout)
        if self.line_count != height:
            self.refresh(layout=True)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines as they are."""
        self.show(lambda width: lines)
