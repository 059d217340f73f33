"""The help screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widget import Widget

from tui.context import Context
from tui.verbs import Offer
from tui.view_models.help import help_lines
from tui.view_models.text import Line
from tui.view_models.tree import TreeLine
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
        self, context: Context, offered: Sequence[Offer], line: TreeLine | None, places: list[tuple[str, Widget]]
    ) -> None:
        super().__init__()
        self._shared = context
        self._offers = offered
        self._selected = f"{line.key[-1]}, {line.kind}" if line is not None else ""
        self._sections = [(title, rows_of(widget)) for title, widget in places]

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


def rows_of(widget: Widget) -> list[tuple[str, str]]:
    """The keys that the widget binds, those of one action together, without the registry's own."""
    rows: dict[tuple[str, str], list[str]] = {}
    for binding in widget._bindings.key_to_bindings.values():
        for one in binding:
            if one.show and not one.action.startswith("act("):
                rows.setdefault((one.action, one.description), []).append(widget.app.get_key_display(one))
    return [(" ".join(keys), description) for (_, description), keys in rows.items()]
