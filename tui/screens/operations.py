"""What is being done to live objects, with everything that it tells."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tui.context import Context
from tui.operations import Operations
from tui.view_models.operations import operation_lines
from tui.widgets.line_view import LineView


class OperationsScreen(ModalScreen[None], inherit_bindings=False):
    """The newest operation first; to close it stops nothing."""

    DEFAULT_CSS = """
    OperationsScreen {
        align: center middle;
        & #operations {
            width: 110; max-width: 96%; height: 80%; padding: 1 2;
            background: $surface; border: round $border-focused;
            border-title-color: $tone-strong; border-title-style: bold;
        }
        &.-ascii #operations { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back; what runs goes on", id="operations.close"),
    ]

    def __init__(self, context: Context, operations: Operations) -> None:
        super().__init__()
        self._shared = context
        self._operations = operations

    def compose(self) -> ComposeResult:
        view = LineView(self._shared.glyphs, id="operations")
        view.border_title = "Operations"
        view.border_subtitle = "esc closes, what runs goes on"
        yield view

    def on_mount(self) -> None:
        self.set_class(self._shared.glyphs.ascii, "-ascii")
        self.query_one(LineView).focus()
        self.show()
        self.set_interval(0.25, self.show)

    def show(self) -> None:
        """Show the operations as they are now."""
        now, glyphs = self._shared.clock(), self._shared.glyphs
        self.query_one(LineView).show(lambda width: operation_lines(self._operations.all, now, width, glyphs))
