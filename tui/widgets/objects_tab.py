"""The tab of live objects: any kind, of one cluster or several, kept current by watches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.live.api import Listing
from core.live.objects import ClusterRef, Target
from core.live.tables import LiveRow, SourceState, TableChanged
from tui.context import Context, sentence
from tui.messages import ChoiceMoved, ObjectOpened, Told, ViewKept
from tui.saving import save
from tui.view_models.live_table import haystack, live_table
from tui.view_models.object_view import ObjectView, inside_of
from tui.view_models.objects import Shown, objects_heading, placeholder
from tui.view_models.table_lines import table_text
from tui.view_models.text import Line
from tui.view_models.tree import Key, TreeLine
from tui.widgets.pane_tab import PaneTab
from tui.widgets.prompt_line import Asked, PromptLine
from tui.widgets.strip_line import StripLine
from tui.widgets.table_lines import TableLines
from tui.widgets.table_view import TableView
from tui.working import begin

_CHUNK = 500
"""Rows that are taken before others may use the event loop."""

First = Callable[[TreeLine | None], ObjectView | None]


class ObjectsTab(PaneTab):
    """Begins with what the selected line has; what is opened or asked for lies on top, and escape goes back.

    `first` gives the view of a line of the tree.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter: text, pattern, !without, -l labels, -f letters", id="objects.filter"),
        Binding("escape", "back", "Back: marks, filter, the table before", id="objects.back"),
        Binding("c", "copy", "Copy the names", id="objects.copy"),
        Binding("S,ctrl+s", "save", "Save the table", id="objects.save"),
        Binding("B", "bookmark", "Keep this view as a bookmark", id="objects.bookmark"),
        Binding("comma", "columns", "Choose the columns", id="objects.columns"),
        Binding("N", "namespaces", "Choose the namespaces", id="objects.namespaces"),
    ]

    def __init__(self, context: Context, first: First, *, id: str) -> None:
        super().__init__(context, id=id)
        self._first = first
        self._line: Key | None = None
        self._views: list[ObjectView] = []
        self._listing: Listing | None = None
        self._trouble = ""
        self._problem = ""
        self._hidden: dict[str, frozenset[str]] = {}
        self._hay: dict[str, tuple[object, str]] = {}

    def compose(self) -> ComposeResult:
        yield StripLine(self.shared.glyphs)
        yield TableView(self.shared.glyphs, self.shared.clock)

    def on_mount(self) -> None:
        self.query_one(StripLine).show(self._lay)

    # What is shown

    @property
    def target(self) -> Widget:
        return self.lines

    @property
    def lines(self) -> TableLines:
        """The rows."""
        return self.query_one(TableLines)

    @property
    def view(self) -> ObjectView | None:
        """What is shown now."""
        return self._views[-1] if self._views else None

    @property
    def chosen(self) -> Sequence[Target]:
        return [row.target for row in self.lines.chosen if isinstance(row, LiveRow)]

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        key = line.key if line is not None else None
        if key == self._line and not again:
            return
        if again and self._listing is not None and key == self._line:
            self._listing.retry()
            return
        self._line = key
        first = self._first(line)
        self._views = [first] if first is not None else []
        self._read()

    def open(self, view: ObjectView) -> None:
        """Show this on top of what is shown."""
        if view != self.view:
            self._views.append(view)
            self._read()

    def tick(self) -> None:
        self.lines.tick()
        if self._listing is not None and any(source.since is not None for source in self._listing.sources):
            self._show_heading()

    def usage_changed(self) -> None:
        """Nodes and pods use more or less."""
        table = self.lines.table
        if table.columns[table.sort].title in ("CPU", "MEMORY"):
            table.sort_by(table.sort, table.descending)
            self.lines.rearranged()
        else:
            self.lines.refit()

    # Reading

    def _read(self) -> None:
        self._listing, self._trouble = None, ""
        self._hay.clear()
        self.lines.table.clear()
        self.lines.placeholder = placeholder(self.view)
        self.lines.rearranged()
        self._show_heading()
        if self.view is None:
            self.workers.cancel_group(self, "objects")
        else:
            begin(self, partial(self._follow, self.view), "objects")

    async def _follow(self, view: ObjectView) -> None:
        try:
            async with self.shared.ask().live.listing(view.query) as listing:
                self._listing = listing
                self._reshape(view)
                async for change in listing.changes():
                    await self._take(change, view)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._trouble = sentence(error)
            self._show_heading()

    def _reshape(self, view: ObjectView) -> None:
        assert self._listing is not None
        old, shape = self.lines.table, self._listing.shape
        table = live_table(shape, view.query, self.shared.usages, self.shared.glyphs)
        table.hidden = self._hidden.get(shape.kind.id, frozenset())
        table.wide = old.wide
        self.lines.show_table(table)
        self._narrow(view.filter)

    async def _take(self, change: TableChanged, view: ObjectView) -> None:
        assert self._listing is not None
        if change.reshaped:
            self._reshape(view)
            change = TableChanged(tuple(self._listing.rows.values()), (), False, True)
        empty = not self.lines.table.total
        self.lines.take(dict.fromkeys(change.gone))
        for start in range(0, len(change.rows), _CHUNK):
            self.lines.take({row.key: row for row in change.rows[start : start + _CHUNK]})
            await asyncio.sleep(0)
        if all(source.synced for source in self._listing.sources):
            self.lines.placeholder = placeholder(self.view, empty=True)
            self.lines.repaint_changed()
        if empty and view.name:
            self._go_to(view.name)
        self._show_heading()
        self.post_message(ChoiceMoved())

    def _go_to(self, name: str) -> None:
        row = next((row for row in self.lines.table.rows if row.name == name), None)
        if row is not None:
            self.lines.select(row.key)

    # The filter

    async def action_filter(self) -> None:
        view = self.view
        if view is None:
            return
        asked = Asked(
            "filter",
            view.filter,
            "text   ^pattern$   !without   -l app=web   -f letters",
            changed=self._narrow,
            submitted=self._keep_filter,
            dropped=partial(self._keep_filter, ""),
        )
        await self.query(PromptLine).remove()
        await self.mount(PromptLine(asked))
        self.query_one(PromptLine).focus()

    def _narrow(self, text: str) -> None:
        from core.kube.filters import parse_filter

        wanted = parse_filter(text)
        if self._views:
            self._views[-1] = replace(self._views[-1], filter=text.strip())
        matches = None if wanted.empty else lambda row: wanted.matches(self._haystack(row), row.labels)
        self.lines.table.narrow(matches, self.lines.table.only_faults)
        self.lines.rearranged()
        self._show_heading(wanted.problem)

    def _keep_filter(self, text: str) -> None:
        self._narrow(text)
        self.lines.focus()

    def _haystack(self, row: LiveRow) -> str:
        known = self._hay.get(row.key)
        if known is None or known[0] is not row.row:
            known = self._hay[row.key] = (row.row, haystack(row, self.lines.table))
        return known[1]

    # Going further and back

    def on_table_lines_row_chosen(self, event: TableLines.RowChosen) -> None:
        event.stop()
        inside = inside_of(event.row)
        if inside is not None:
            self.open(inside)
        else:
            self.post_message(ObjectOpened(event.row))

    def on_table_lines_view_changed(self, event: TableLines.ViewChanged) -> None:
        self._show_heading()
        self.post_message(ChoiceMoved())

    def on_line_list_cursor_moved(self) -> None:
        self.post_message(ChoiceMoved())

    async def action_back(self) -> None:
        if self.lines.table.marked:
            self.lines.clear_marks()
        elif self.view is not None and self.view.filter:
            self._narrow("")
        elif len(self._views) > 1:
            self._views.pop()
            self._read()
        else:
            await self.screen.run_action("back")

    # Columns and namespaces

    async def action_columns(self) -> None:
        from tui.screens.choose import Choice, ChooseScreen

        table = self.lines.table
        choices = [Choice(column.title, column.title) for column in table.columns[1:]]
        shown = frozenset(column.title for column in table.columns) - table.hidden
        screen = ChooseScreen(self.shared, "Columns", choices, chosen=shown)
        self.app.push_screen(screen, self._show_columns)

    def _show_columns(self, titles: Sequence[str] | None) -> None:
        if titles is None or self._listing is None:
            return
        table = self.lines.table
        table.hidden = frozenset(column.title for column in table.columns[1:]) - frozenset(titles)
        # What was chosen is to be seen, also where it belongs to the wide view.
        table.wide = table.wide or any(column.wide and column.title in titles for column in table.columns)
        self._hidden[self._listing.shape.kind.id] = table.hidden
        self.lines.rearranged()

    def action_namespaces(self) -> None:
        if self.view is not None:
            begin(self, partial(self._choose_namespaces, self.view), "namespaces")

    async def _choose_namespaces(self, view: ObjectView) -> None:
        from tui.screens.choose import Choice, ChooseScreen

        try:
            found = [await self.shared.ask().live.namespaces(cluster) for cluster in view.query.clusters]
        except Exception as error:
            self.post_message(Told(sentence(error)))
            return
        names = sorted({name for some in found for name in some})
        chosen = frozenset(view.query.namespaces) or frozenset(names)
        screen = ChooseScreen(self.shared, "Namespaces", [Choice(name, name) for name in names], chosen=chosen)
        wanted = await self.app.push_screen_wait(screen)
        if wanted:
            self.show_namespaces(() if len(wanted) == len(names) else tuple(wanted))

    def show_namespaces(self, names: tuple[str, ...]) -> None:
        """The same table of other namespaces, all for none."""
        if self.view is not None:
            self._views[-1] = replace(self.view, query=replace(self.view.query, namespaces=names))
            self._read()

    # What is taken along

    def action_copy(self) -> None:
        rows = [row for row in self.lines.chosen if isinstance(row, LiveRow)]
        if rows:
            self.app.copy_to_clipboard("\n".join(row.name for row in rows))
            what = rows[0].name if len(rows) == 1 else f"{len(rows)} names"
            self.post_message(Told(f"copied: {what}", "ready"))

    def action_save(self) -> None:
        if self.view is None:
            return
        text = table_text(self.lines.table, self.shared.clock())
        try:
            path = save(self.view.query.resource, "tsv", self.shared.clock(), text.splitlines())
        except Exception as error:
            self.post_message(Told(sentence(error)))
            return
        self.post_message(Told(f"saved: {path}", "ready"))

    def action_bookmark(self) -> None:
        if self.view is not None:
            self.post_message(ViewKept(self.view.command))

    # The heading

    @property
    def clusters(self) -> Sequence[ClusterRef]:
        """The clusters that are looked at."""
        return self.view.query.clusters if self.view is not None else ()

    @property
    def sources(self) -> Sequence[SourceState]:
        """How current the table is."""
        return self._listing.sources if self._listing is not None else ()

    def _show_heading(self, problem: str = "") -> None:
        self._problem = problem
        self.query_one(StripLine).show(self._lay)

    def _lay(self, width: int) -> list[Line]:
        table = self.lines.table
        shown = Shown(
            self.view,
            len(table),
            table.total,
            len(table.marked),
            table.only_faults,
            self._trouble or self._problem,
            self.sources,
            len(self._views),
        )
        return objects_heading(shown, width, self.shared.clock(), self.shared.glyphs)
