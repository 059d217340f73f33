"""The help screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen

from tui.context import Context
from tui.verbs import Offer
from tui.view_models.help import Rows, help_lines
from tui.view_models.text import Line
from tui.widgets.line_view import LineView


class HelpScreen(ModalScreen[None], inherit_bindings=False):
    """Every key: of the selected line, of the pane that has the focus, and of the screen."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        & #help {
            width: 86; max-width: 96%; height: 90%; padding: 1 2;
            background: $surface; border: round $border-focused;
            border-title-color: $tone-strong; border-title-style: bold;
        }
        &.-ascii #help { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Back", id="help.close"),
    ]

    def __init__(
        self, context: Context, offered: Sequence[Offer], selected: str, sections: Sequence[tuple[str, Rows]]
    ) -> None:
        super().__init__()
        self._shared = context
        self._offers = offered
        self._selected = selected
        self._sections = sections

    def compose(self) -> ComposeResult:
        view = LineView(self._shared.glyphs, id="help")
        view.border_title = "Help"
        view.border_subtitle = "esc closes"
        yield view

    def on_mount(self) -> None:
        self.set_class(self._shared.glyphs.ascii, "-ascii")
        view = self.query_one(LineView)
        view.show(self._lay)
        view.focus()

    def _lay(self, width: int) -> list[Line]:
        return help_lines(self._offers, self._selected, self._sections, width, self._shared.glyphs)


def sections_of(screen: Screen[Any]) -> list[tuple[str, Rows]]:
    """The keys of what has the focus and what it is in, then those of the screen and of the whole console."""
    here: dict[str, tuple[str, str, str]] = {}
    node: DOMNode | None = screen.focused
    while node is not None and node is not screen:
        here = {**{row[2]: row for row in rows_of(node)}, **here}
        node = node.parent
    everywhere = [*rows_of(screen), *rows_of(screen.app)]
    return [("Here", list(here.values())), ("Everywhere", everywhere)]


def rows_of(node: DOMNode) -> Rows:
    """The keys that a part of the console binds, those of one action together, without the registry's own."""
    rows: dict[tuple[str, str], list[str]] = {}
    for binding in node._bindings.key_to_bindings.values():
        for one in binding:
            if not one.action.startswith("act("):
                rows.setdefault((one.description, one.id or ""), []).append(node.app.get_key_display(one))
    return [(" ".join(keys), description, name) for (description, name), keys in rows.items()]
