"""What is typed into a field of a form."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key
from textual.widgets import Input

from tui.view_models.form import Field

_TURNS = {"space": 1, "right": 1, "left": -1}


class FieldInput(Input):
    """Arrows go from field to field; of a flag or a choice, space shows the next one and nothing can be typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field before", id="field.before"),
        Binding("down", "app.focus_next", "Next field", id="field.next"),
    ]

    def __init__(self, field: Field) -> None:
        restrict = r"-?\d*" if field.kind == "number" else None
        super().__init__(field.text, compact=True, restrict=restrict, placeholder="none" if field.optional else "")
        self._choices = ("no", "yes") if field.kind == "flag" else tuple(field.choices)

    def on_key(self, event: Key) -> None:
        if not self._choices:
            return
        if event.key in _TURNS:
            self._turn(_TURNS[event.key])
        if event.is_printable or event.key in (*_TURNS, "backspace", "delete"):
            event.prevent_default()
            event.stop()

    def _turn(self, step: int) -> None:
        at = self._choices.index(self.value) if self.value in self._choices else 0
        self.value = self._choices[(at + step) % len(self._choices)]
