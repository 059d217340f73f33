"""A dialog with fields: what an action is to be done with, or the name that says that one means it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen

from tui.context import Context
from tui.screens.confirm import Question
from tui.view_models.form import Field, Value, values
from tui.view_models.text import EMPTY, Line, Span, wrapped
from tui.widgets.answer import Answer
from tui.widgets.field_line import FieldLine
from tui.widgets.strip_line import StripLine


class AskScreen(ModalScreen[dict[str, Value] | None], inherit_bindings=False):
    """Ends with the fields' values once nothing is wrong with them, or with None.

    A careful question has the focus on the answer that changes nothing.
    """

    DEFAULT_CSS = """
    AskScreen {
        align: center middle;
        & #dialog {
            width: 76; max-width: 96%; height: auto; max-height: 90%; padding: 1 2;
            background: $surface; border: round $border-focused;
            border-title-color: $tone-strong; border-title-style: bold;
        }
        & #question, & #about { background: $surface; }
        & #about { margin-top: 1; height: 2; }
        & #fields { height: auto; max-height: 20; margin-top: 1; background: $surface; }
        & #buttons { height: auto; margin-top: 1; align-horizontal: right; }
        &.-ascii #dialog { border: ascii $border-focused; }
    }
    """

    AUTO_FOCUS: ClassVar[str | None] = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "No", id="ask.drop"),
        Binding("tab", "app.focus_next", "Next field", id="ask.next"),
        Binding("shift+tab", "app.focus_previous", "Field before", id="ask.before"),
    ]

    def __init__(self, context: Context, question: Question, fields: Sequence[Field]) -> None:
        super().__init__()
        self._shared = context
        self._question = question
        self._fields = fields

    def compose(self) -> ComposeResult:
        glyphs = self._shared.glyphs
        with VerticalScroll(id="dialog", can_focus=False) as dialog:
            dialog.border_title = self._question.title
            yield StripLine(glyphs, id="question")
            with VerticalScroll(id="fields", can_focus=False):
                for field in self._fields:
                    yield FieldLine(field, glyphs)
            yield StripLine(glyphs, id="about")
            with Horizontal(id="buttons"):
                yield Answer(glyphs, "esc", self._question.no, id="no")
                yield Answer(glyphs, "⏎" if not glyphs.ascii else "enter", self._question.yes, id="yes")

    def on_mount(self) -> None:
        self.set_class(self._shared.glyphs.ascii, "-ascii")
        self.query_one("#question", StripLine).show(self._lay)
        if self._question.careful:
            self.query_one("#no", Answer).focus()
        else:
            self.lines[0].focus_input()

    @property
    def lines(self) -> list[FieldLine]:
        """The fields."""
        return list(self.query(FieldLine))

    def on_field_line_focused(self, event: FieldLine.Focused) -> None:
        event.stop()
        self._show_about(event.line)

    def on_field_line_changed(self, event: FieldLine.Changed) -> None:
        event.stop()
        self._show_about(event.line)

    def on_field_line_submitted(self, event: FieldLine.Submitted) -> None:
        event.stop()
        self._take()

    def on_answer_pressed(self, event: Answer.Pressed) -> None:
        event.stop()
        if event.answer.id == "yes":
            self._take()
        else:
            self.dismiss(None)

    def action_drop(self) -> None:
        self.dismiss(None)

    def _take(self) -> None:
        wrong = next((line for line in self.lines if line.problem), None)
        if wrong is not None:
            wrong.focus_input()
            self._show_about(wrong)
            return
        self.dismiss(values(self._fields, {line.field.name: line.text for line in self.lines}))

    def _show_about(self, line: FieldLine) -> None:
        glyphs, problem = self._shared.glyphs, line.problem
        field = line.field
        choices = f" (space: {', '.join(field.choices)})" if field.choices else ""
        choices = " (space: yes, no)" if field.kind == "flag" else choices
        about = (Span(glyphs.fold((field.help + choices).strip()), "dim"),) if field.help or choices else EMPTY
        wrong = (glyphs.mark("failed"), Span(f" {glyphs.fold(problem)}", "bad")) if problem else EMPTY
        self.query_one("#about", StripLine).show_lines([about, wrong])

    def _lay(self, width: int) -> list[Line]:
        fold = self._shared.glyphs.fold
        return [row for text, tone in self._question.sentences for row in wrapped((Span(""),), fold(text), width, tone)]
