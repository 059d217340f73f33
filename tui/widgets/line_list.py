"""Lines with a cursor."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive

from tui.widgets.line_view import LineView


class LineList(LineView, inherit_bindings=False):
    """A view in which one line has the cursor; the cursor is always on a line that exists and in sight."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    LineList {
        & > .list--cursor { background: $cursor-background; }
        & > .list--resting { background: $cursor-resting; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"list--cursor", "list--resting"}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "One line up", id="list.up"),
        Binding("down,j", "cursor(1)", "One line down", id="list.down"),
        Binding("pageup", "page(-1)", "One page up", id="list.page-up"),
        Binding("pagedown", "page(1)", "One page down", id="list.page-down"),
        Binding("home,g", "cursor_to(0)", "To the top", id="list.top"),
        Binding("end,G", "cursor_to(-1)", "To the end", id="list.end"),
    ]

    cursor = reactive(0, repaint=False)

    class CursorMoved(Message):
        """The cursor came to another line."""

    class LineChosen(Message):
        """A line was clicked: the cursor is on it already."""

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self.line_count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        self.repaint_line(old)
        self.repaint_line(new)
        self.keep_in_sight()
        self.post_message(self.CursorMoved())

    def keep_in_sight(self) -> None:
        """Scroll just so far that the cursor's line is visible."""
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if height and not top <= self.cursor < top + height:
            target = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=target, animate=False, immediate=True, force=True)

    def is_marked(self, number: int) -> bool:
        return number == self.cursor

    def marked_style(self) -> Style:
        name = "list--cursor" if self.has_focus else "list--resting"
        return self.rich_style + self.get_component_rich_style(name, partial=True)

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._styles_of.clear()
        self.repaint_line(self.cursor)

    def on_click(self, event: Click) -> None:
        number = self.scroll_offset.y + event.y
        if number < self.line_count:
            self.cursor = number
            self.post_message(self.LineChosen())

    def action_cursor(self, by: int) -> None:
        self.cursor += by

    def action_cursor_to(self, number: int) -> None:
        self.cursor = number if number >= 0 else self.line_count + number

    def action_page(self, pages: int) -> None:
        self.cursor += pages * max(self.scrollable_content_region.height - 1, 1)
