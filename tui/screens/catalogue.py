"""The catalogue: applications that are known by name, looked through and added to an environment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen

from core.model.catalogue import Entry
from core.model.document import parse
from tui.context import Context, sentence
from tui.screens.choose import Choice, ChooseScreen
from tui.screens.order import Left, OrderScreen
from tui.view_models.catalogue import (
    KEYS,
    CatalogueRow,
    Wanted,
    catalogue_heading,
    catalogue_rows,
    categories,
    row_details,
    row_line,
    tags,
)
from tui.view_models.keys import hint_line
from tui.view_models.text import Line, Span
from tui.widgets.line_list import LineList
from tui.widgets.line_view import LineView
from tui.widgets.notice_line import NoticeLine
from tui.widgets.prompt_line import Asked, PromptLine
from tui.widgets.strip_line import StripLine
from tui.working import begin

_WIDTHS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-wide")]
"""From so many columns on the list and what is known of an entry stand side by side."""


class CatalogueScreen(Screen[tuple[str, Left] | None], inherit_bindings=False):
    """Ends with the name of what came into the environment's draft (and whether to plan it), or with None."""

    HORIZONTAL_BREAKPOINTS = _WIDTHS

    DEFAULT_CSS = """
    CatalogueScreen {
        background: $background;
        & #catalogue-heading, & #catalogue-keys { height: 1; background: $panel; }
        & #catalogue-body { height: 1fr; layout: horizontal; }
        & #catalogue { width: 45; padding: 0 1; border: round $border-focused; }
        & #catalogue-details { width: 1fr; padding: 0 1; border: round $border-resting; }
        & #catalogue-details:focus { border: round $border-focused; }
        &.-narrow #catalogue-body { layout: vertical; }
        &.-narrow #catalogue { width: 1fr; height: 2fr; }
        &.-narrow #catalogue-details { height: 3fr; }
        &.-ascii #catalogue { border: ascii $border-focused; }
        &.-ascii #catalogue-details { border: ascii $border-resting; }
        &.-ascii #catalogue-details:focus { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", id="catalogue.close"),
        Binding("enter", "order", "Add it to the environment", id="catalogue.order"),
        Binding("slash", "filter", "Filter", id="catalogue.filter"),
        Binding("c", "category", "Of one category, or of all", id="catalogue.category"),
        Binding("t", "tag", "With a tag, or all", id="catalogue.tag"),
        Binding("tab", "app.focus_next", "To what is known of it, or back", id="catalogue.next"),
        Binding("shift+tab", "app.focus_previous", "The other way", id="catalogue.before", show=False),
    ]

    def __init__(self, context: Context, environment: str, text: str = "") -> None:
        """`environment` is what entries are added to, "" where none is selected; `text` filters at first."""
        super().__init__()
        self.shared = context
        self.rows: list[CatalogueRow] = []
        self._environment = environment
        self._wanted = Wanted(text=text)
        self._every: Sequence[Entry] = ()
        self._nothing = "reading the catalogue"

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield StripLine(glyphs, id="catalogue-heading")
        with Container(id="catalogue-body"):
            yield LineList(glyphs, id="catalogue")
            yield LineView(glyphs, id="catalogue-details")
        yield NoticeLine(glyphs)
        yield StripLine(glyphs, id="catalogue-keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.query_one("#catalogue-keys", StripLine).show_lines([hint_line(KEYS)])
        self.view.focus()
        self._show()
        begin(self, self._begin, "catalogue")

    @property
    def view(self) -> LineList:
        """The list."""
        return self.query_one("#catalogue", LineList)

    @property
    def row(self) -> CatalogueRow | None:
        """The row that has the cursor."""
        return self.rows[self.view.cursor] if self.view.cursor < len(self.rows) else None

    # Reading and showing

    async def _begin(self) -> None:
        """Read the catalogue for the first time, and say what could not be read of it."""
        try:
            api = self.shared.ask()
            self._every = await asyncio.to_thread(api.catalogue)
            troubles = api.catalogue_troubles()
        except Exception as error:
            self._tell(sentence(error))
            return
        if troubles:
            self._tell("; ".join(f"left out: {trouble}" for trouble in troubles))
        self._nothing = "nothing fits"
        self._look(self._wanted)

    def _look(self, wanted: Wanted) -> None:
        """Show the entries that fit, with the cursor on the same one, or on the first."""
        entry = self.row.entry if self.row is not None else None
        found = self.shared.ask().catalogue(wanted.category, wanted.tag, wanted.text or None)
        self._wanted, self.rows = wanted, catalogue_rows(found)
        self._show()
        places = {row.entry.id: number for number, row in enumerate(self.rows) if row.entry is not None}
        self.view.cursor = places.get(entry.id if entry is not None else "", 1)
        self._show_details()

    def _show(self) -> None:
        count = sum(row.entry is not None for row in self.rows)
        heading = catalogue_heading(self._environment, self._wanted, count)
        self.query_one("#catalogue-heading", StripLine).show_lines([heading])
        self.view.show(self._lay)
        self._show_details()

    def _lay(self, width: int) -> list[Line]:
        glyphs = self.shared.glyphs
        return [row_line(row, width, glyphs) for row in self.rows] or [(Span(self._nothing, "dim"),)]

    def _show_details(self) -> None:
        row, details = self.row, self.query_one("#catalogue-details", LineView)
        details.show(lambda width: row_details(row, width, self.shared.glyphs))
        details.scroll_home(animate=False)

    def on_line_list_cursor_moved(self) -> None:
        self._show_details()

    def _tell(self, text: str) -> None:
        self.query_one(NoticeLine).tell(text, "failed")

    # Filters

    async def action_filter(self) -> None:
        before = self._wanted.text
        asked = Asked("filter", before, "words in name, description or tags", changed=self._narrow,
                      submitted=self._keep, dropped=lambda: self._keep(""))  # fmt: skip
        await self.query(PromptLine).remove()
        await self.mount(PromptLine(asked), before="#catalogue-keys")
        self.query_one(PromptLine).focus()

    def _narrow(self, text: str) -> None:
        self._look(replace(self._wanted, text=text.strip()))

    def _keep(self, text: str) -> None:
        self._narrow(text)
        self.view.focus()

    def action_category(self) -> None:
        begin(self, partial(self._choose, "Category", categories(self._every), self._take_category), "choose")

    def action_tag(self) -> None:
        begin(self, partial(self._choose, "Tag", tags(self._every), self._take_tag), "choose")

    def _take_category(self, name: str) -> None:
        self._look(replace(self._wanted, category=name or None))

    def _take_tag(self, name: str) -> None:
        self._look(replace(self._wanted, tag=name or None))

    async def _choose(self, title: str, counts: Sequence[tuple[str, int]], take: Callable[[str], None]) -> None:
        choices = [Choice("", "all", str(len(self._every)))]
        choices += [Choice(name, name, str(count)) for name, count in counts]
        chosen = await self.app.push_screen_wait(ChooseScreen(self.shared, title, choices))
        if chosen is not None:
            take(chosen[0])

    # Adding

    def action_order(self) -> None:
        entry = self.row.entry if self.row is not None else None
        if entry is None:
            return
        if not self._environment:
            self._tell("no environment is selected: select the one that it is for, then A")
        elif self._environment in self.shared.allowed.read_only:
            self._tell(f"environment {self._environment} is read-only: switch that off first")
        else:
            begin(self, partial(self._order, entry), "order")

    async def _order(self, entry: Entry) -> None:
        try:
            state = await self.shared.ask().documents.state(self._environment)
            declared = parse(state.text)
        except Exception as error:
            self._tell(sentence(error))
            return
        left = await self.app.push_screen_wait(OrderScreen(self.shared, entry, self._environment, declared))
        if left is not None:
            self.dismiss(left)

    def action_close(self) -> None:
        if not self.query_one(NoticeLine).dismiss():
            self.dismiss(None)
