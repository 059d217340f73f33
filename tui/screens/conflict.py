"""Somebody else changed what is being edited: both sides, and what to do."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.context import Context
from tui.view_models.sides import Sides, sides_lines
from tui.view_models.text import Line, Span
from tui.widgets.line_view import LineView
from tui.widgets.strip_line import StripLine

__all__ = ["ConflictScreen", "Sides"]

Way = Literal["merge", "edit"]


class ConflictScreen(Screen[Way | None], inherit_bindings=False):
    """Ends with what is to be done, or with None: then everything stays as it is now."""

    DEFAULT_CSS = """
    ConflictScreen {
        background: $background;
        & #conflict-heading, & #conflict-keys { height: 1; background: $panel; }
        & #sides { padding: 0 1; border: round $border-focused; }
        &.-ascii #sides { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "end", "Leave it as it is now", id="conflict.drop"),
        Binding("m", "end('merge')", "Put both changes together", id="conflict.merge"),
        Binding("e", "end('edit')", "Edit again on top of what is there now", id="conflict.edit"),
    ]

    def __init__(self, context: Context, sides: Sides, mergeable: bool) -> None:
        super().__init__()
        self._shared = context
        self._sides = sides
        self._mergeable = mergeable

    def compose(self) -> ComposeResult:
        glyphs = self._shared.glyphs
        yield StripLine(glyphs, id="conflict-heading")
        yield LineView(glyphs, id="sides")
        yield StripLine(glyphs, id="conflict-keys")

    def on_mount(self) -> None:
        glyphs = self._shared.glyphs
        self.set_class(glyphs.ascii, "-ascii")
        self.query_one("#conflict-heading", StripLine).show_lines([(Span(f" {self._sides.title}", "title"),)])
        self.query_one("#conflict-keys", StripLine).show_lines([self._keys()])
        view = self.query_one("#sides", LineView)
        view.show(lambda width: sides_lines(self._sides, width, glyphs))
        view.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._mergeable if (action, parameters) == ("end", ("merge",)) else True

    def action_end(self, way: Way | None = None) -> None:
        self.dismiss(way)

    def _keys(self) -> Line:
        merge = Span(" m ", "key"), Span("Put both together ")
        cannot = Span(" (m) ", "dim"), Span("Both contradict each other ", "dim")
        rest = Span(" e ", "key"), Span("Edit again "), Span(" esc ", "key"), Span("Leave it as it is now ")
        return (*(merge if self._mergeable else cannot), *rest)
