"""The question before something is changed or destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen

from tui.context import Context
from tui.view_models.text import Line, Span, Tone, wrapped
from tui.widgets.answer import Answer
from tui.widgets.strip_line import StripLine


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `careful` puts the focus on the answer that changes nothing."""

    title: str
    sentences: Sequence[tuple[str, Tone]]
    yes: str
    no: str = "Cancel"
    careful: bool = False


class ConfirmScreen(ModalScreen[bool], inherit_bindings=False):
    """A dialog that ends with True only when the person says yes."""

    DEFAULT_CSS = """
    ConfirmScreen {
        align: center middle;
        & #dialog {
            width: 64; max-width: 96%; height: auto; padding: 1 2;
            background: $surface; border: round $border-focused;
            border-title-color: $tone-strong; border-title-style: bold;
        }
        & #question { background: $surface; }
        & #buttons { height: auto; margin-top: 1; align-horizontal: right; }
        &.-ascii #dialog { border: ascii $border-focused; }
    }
    """

    AUTO_FOCUS: ClassVar[str | None] = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="dialog.yes"),
        Binding("n,escape", "answer(False)", "No", id="dialog.no"),
        Binding("tab,right", "app.focus_next", "Next answer", id="dialog.next"),
        Binding("shift+tab,left", "app.focus_previous", "Answer before", id="dialog.previous"),
    ]

    def __init__(self, context: Context, question: Question) -> None:
        super().__init__()
        self._shared = context
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            dialog.border_title = self._question.title
            yield StripLine(self._shared.glyphs, id="question")
            with Horizontal(id="buttons"):
                yield Answer(self._shared.glyphs, "n", self._question.no, id="no")
                yield Answer(self._shared.glyphs, "y", self._question.yes, id="yes")

    def on_mount(self) -> None:
        self.set_class(self._shared.glyphs.ascii, "-ascii")
        self.query_one("#question", StripLine).show(self._lay)
        self.query_one("#no" if self._question.careful else "#yes", Answer).focus()

    def on_answer_pressed(self, event: Answer.Pressed) -> None:
        event.stop()
        self.dismiss(event.answer.id == "yes")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

    def _lay(self, width: int) -> list[Line]:
        fold = self._shared.glyphs.fold
        return [row for text, tone in self._question.sentences for row in wrapped((Span(""),), fold(text), width, tone)]
