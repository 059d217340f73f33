"""The question on leaving while runs go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.context import Context
from tui.view_models.text import Line, Span, wrapped
from tui.widgets.answer import Answer
from tui.widgets.strip_line import StripLine

Leaving = Literal["stay", "run", "stop"]


class LeaveScreen(ModalScreen[Leaving], inherit_bindings=False):
    """Leave them running, stop them in an orderly way first, or stay."""

    DEFAULT_CSS = """
    LeaveScreen {
        align: center middle;
        & #dialog {
            width: 70; max-width: 96%; height: auto; padding: 1 2;
            background: $surface; border: round $border-focused;
            border-title-color: $tone-strong; border-title-style: bold;
        }
        & #question { background: $surface; }
        & #buttons { height: auto; margin-top: 1; }
        &.-ascii #dialog { border: ascii $border-focused; }
    }
    """

    AUTO_FOCUS: ClassVar[str | None] = "#run"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer('run')", "Leave it running", id="leave.run"),
        Binding("s", "answer('stop')", "Stop it, then leave", id="leave.stop"),
        Binding("n,escape", "answer('stay')", "Stay", id="leave.stay"),
        Binding("tab,down", "app.focus_next", "Next answer", id="leave.next"),
        Binding("shift+tab,up", "app.focus_previous", "Answer before", id="leave.before"),
    ]

    def __init__(self, context: Context, running: Sequence[str]) -> None:
        super().__init__()
        self._shared = context
        self._runs = running

    def compose(self) -> ComposeResult:
        glyphs = self._shared.glyphs
        with Vertical(id="dialog") as dialog:
            dialog.border_title = "Leave the console?"
            yield StripLine(glyphs, id="question")
            with Vertical(id="buttons"):
                yield Answer(glyphs, "y", "Leave it running in the background", id="run")
                yield Answer(glyphs, "s", "Stop it in an orderly way, then leave", id="stop")
                yield Answer(glyphs, "n", "Stay", id="stay")

    def on_mount(self) -> None:
        self.set_class(self._shared.glyphs.ascii, "-ascii")
        self.query_one("#question", StripLine).show(self._lay)

    def on_answer_pressed(self, event: Answer.Pressed) -> None:
        event.stop()
        self.action_answer(event.answer.id or "stay")

    def action_answer(self, answer: str) -> None:
        self.dismiss(answer)  # type: ignore[arg-type]

    def _lay(self, width: int) -> list[Line]:
        names = ", ".join(self._runs)
        text = (
            f"A run is going on in {names}, in a process of its own. Left running, it goes on without the console; "
            "come back to it with `gondolier`, from another terminal too. Stopped, it ends the steps it is at, begins "
            "no others and says what is half done."
        )
        return wrapped((Span(""),), self._shared.glyphs.fold(text), width)
