"""A list to choose from: one thing, or as many as one likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tui.context import Context
from tui.view_models.text import Line, Span, spread
from tui.widgets.line_list import LineList


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose; `note` stands at the right edge."""

    value: str
    title: str
    note: str = ""


class ChooseScreen(ModalScreen[list[str] | None], inherit_bindings=False):
    """Ends with the values that were chosen in the list's order, or with None; `moved` hears where the cursor is.

    With `chosen` several may be chosen, these are at first.
    """

    DEFAULT_CSS = """
    ChooseScreen {
        align: center middle;
        & #choices {
            width: 72; max-width: 96%; height: auto; max-height: 80%; padding: 0 1;
            background: $surface; border: round $border-focused;
            border-title-color: $tone-strong; border-title-style: bold;
        }
        &.-ascii #choices { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "drop", "Back", id="choose.drop"),
        Binding("enter", "take", "Take it", id="choose.take"),
        Binding("space", "choose", "Choose it, or not", id="choose.toggle"),
        Binding("asterisk", "choose_all", "All, or none", id="choose.all"),
    ]

    def __init__(
        self,
        context: Context,
        title: str,
        choices: Sequence[Choice],
        *,
        chosen: frozenset[str] | None = None,
        at: str = "",
        moved: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self._shared = context
        self._title = title
        self._choices = choices
        self._several = chosen is not None
        self._chosen = set(chosen or ())
        self._at = at
        self._moved = moved

    def compose(self) -> ComposeResult:
        view = LineList(self._shared.glyphs, id="choices")
        view.border_title = self._title
        view.border_subtitle = "space chooses, enter takes" if self._several else "enter takes"
        yield view

    def on_mount(self) -> None:
        self.set_class(self._shared.glyphs.ascii, "-ascii")
        self.view.styles.height = min(len(self._choices), 30) + 2
        self.view.show(self._lay)
        self.view.cursor = next((number for number, one in enumerate(self._choices) if one.value == self._at), 0)
        self.view.focus()

    @property
    def view(self) -> LineList:
        """The list."""
        return self.query_one(LineList)

    def on_line_list_cursor_moved(self) -> None:
        if self._moved is not None and self._choices:
            self._moved(self._choices[self.view.cursor].value)

    def on_line_list_line_chosen(self) -> None:
        self.action_choose() if self._several else self.action_take()

    def action_drop(self) -> None:
        self.dismiss(None)

    def action_take(self) -> None:
        if not self._choices:
            self.dismiss(None)
        elif self._several:
            self.dismiss([one.value for one in self._choices if one.value in self._chosen])
        else:
            self.dismiss([self._choices[self.view.cursor].value])

    def action_choose(self) -> None:
        if self._several and self._choices:
            self._chosen ^= {self._choices[self.view.cursor].value}
            self.view.show(self._lay)

    def action_choose_all(self) -> None:
        if self._several:
            every = {one.value for one in self._choices}
            self._chosen = set() if self._chosen >= every else every
            self.view.show(self._lay)

    def _lay(self, width: int) -> list[Line]:
        return [self._line(one, width) for one in self._choices] or [(Span("nothing to choose from", "dim"),)]

    def _line(self, one: Choice, width: int) -> Line:
        glyphs = self._shared.glyphs
        box = (
            (glyphs.states["ready"] if one.value in self._chosen else glyphs.states["wanted"]) if self._several else ""
        )
        left: Line = (Span(f"{box} " if box else "", "key"), Span(glyphs.fold(one.title)))
        return spread(left, (Span(glyphs.fold(one.note), "dim"),), width, glyphs.cut)
