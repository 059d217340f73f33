"""A field of a form: its title, what is typed, and what is wrong with that."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from tui.view_models.form import Field
from tui.view_models.glyphs import Glyphs
from tui.view_models.text import Line, Span, cell
from tui.widgets.field_input import FieldInput
from tui.widgets.strip_line import StripLine


class FieldLine(Horizontal):
    """One line; what is wrong has a mark before the title, not only a colour."""

    DEFAULT_CSS = """
    FieldLine {
        height: 1;
        & > StripLine { width: 36; height: 1; background: $surface; }
        & > FieldInput { width: 1fr; height: 1; border: none; padding: 0 1; background: $cursor-resting; }
        & > FieldInput:focus { border: none; background: $cursor-background; }
    }
    """

    class Changed(Message):
        """Something else is typed."""

        def __init__(self, line: FieldLine) -> None:
            super().__init__()
            self.line = line

    class Focused(Message):
        """The field is the one that is typed in."""

        def __init__(self, line: FieldLine) -> None:
            super().__init__()
            self.line = line

    class Submitted(Message):
        """Enter was pressed in the field."""

    def __init__(self, field: Field, glyphs: Glyphs) -> None:
        super().__init__()
        self.field = field
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        yield StripLine(self._glyphs)
        yield FieldInput(self.field)

    def on_mount(self) -> None:
        self._show_title()

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(FieldInput).value

    @property
    def problem(self) -> str:
        """What is wrong with it."""
        return self.field.problem(self.text)

    def focus_input(self) -> None:
        """Type here."""
        self.query_one(FieldInput).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_title()
        self.post_message(self.Changed(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted())

    def on_descendant_focus(self) -> None:
        self.post_message(self.Focused(self))

    def _show_title(self) -> None:
        problem = self.problem
        mark = self._glyphs.mark("failed") if problem else Span(" ")
        title: Line = (mark, Span(f" {cell(self.field.title, 33, self._glyphs.cut)} ", "bad" if problem else "text"))
        self.query_one(StripLine).show_lines([title])
