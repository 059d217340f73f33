"""One answer of a dialog."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message

from tui.view_models.glyphs import Glyphs
from tui.view_models.text import Span, Tone
from tui.widgets.strip_line import StripLine


class Answer(StripLine, can_focus=True, inherit_bindings=False):
    """A line that is pressed; an arrow, not only a colour, says that it has the focus."""

    DEFAULT_CSS = """
    Answer {
        height: 1; margin-left: 2; background: $panel;
        &:focus { background: $cursor-background; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "press", "Answer so", id="answer.press"),
    ]

    class Pressed(Message):
        """This answer was chosen."""

        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

        @property
        def control(self) -> Answer:
            return self.answer

    def __init__(self, glyphs: Glyphs, key: str, title: str, *, id: str) -> None:
        super().__init__(glyphs, id=id)
        self._key = key
        self._title = title

    def on_mount(self) -> None:
        self.styles.width = len(self._title) + len(self._key) + 6
        self._show()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._show()

    def on_click(self, event: Click) -> None:
        self.action_press()

    def action_press(self) -> None:
        self.post_message(self.Pressed(self))

    def _show(self) -> None:
        arrow = self.glyphs.crumb if self.has_focus else " "
        tone: Tone = "strong" if self.has_focus else "text"
        self.show_lines([(Span(f" {arrow} ", tone), Span(f"{self._key} ", "key"), Span(f"{self._title} ", tone))])
