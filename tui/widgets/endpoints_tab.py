"""The tab with the endpoints of the selected line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.live.objects import Target
from core.live.views import Reachability
from tui.context import Context, sentence
from tui.messages import Told
from tui.view_models.endpoint_table import KEYS, EndpointRow, endpoint_table
from tui.view_models.endpoints import endpoints_of
from tui.view_models.live_targets import workload_of
from tui.view_models.tree import TreeLine
from tui.widgets.pane_tab import PaneTab
from tui.widgets.table_lines import TableLines
from tui.widgets.table_view import TableView
from tui.working import begin


class EndpointsTab(PaneTab):
    """Whether an endpoint can be reached is asked when the person asks, never by itself."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "check_all", "Can all of them be reached?", id="endpoints.check-all"),
        Binding("o", "browse", "Open it in a browser", id="endpoints.browse"),
        Binding("c", "copy", "Copy the addresses", id="endpoints.copy"),
        Binding("F", "forward", "Port-forward to it", id="endpoints.forward"),
    ]

    KEYS = KEYS

    def __init__(self, context: Context) -> None:
        super().__init__(context, id="endpoints")
        self._line: TreeLine | None = None
        self._found: dict[str, Reachability | None] = {}

    def compose(self) -> ComposeResult:
        yield TableView(self.shared.glyphs, self.shared.clock)

    def on_mount(self) -> None:
        self.lines.show_table(endpoint_table(self._found))

    @property
    def lines(self) -> TableLines:
        """The endpoints."""
        return self.query_one(TableLines)

    @property
    def target(self) -> Widget:
        return self.lines

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        before, self._line = self._line, line
        same = before is not None and line is not None and before.key == line.key
        if same and before is not None and line is not None and before.environment is line.environment and not again:
            return
        if not same:
            self.lines.table.clear()
            self.lines.placeholder = "reading endpoints" if line is not None else ""
            self.lines.rearranged()
        if line is not None and self.shared.api is not None:
            begin(self, partial(self._read, line), "endpoints")

    async def _read(self, line: TreeLine) -> None:
        try:
            found = await self.shared.ask().endpoints(line.environment.environment)
        except Exception as error:
            self.post_message(Told(f"the endpoints of {line.environment.environment}: {sentence(error)}"))
            return
        rows = {row.key: row for row in map(EndpointRow, endpoints_of(line, found))}
        gone = {row.key: None for row in self.lines.table.rows if row.key not in rows}
        several = len({row.endpoint.component for row in rows.values()}) > 1
        self.lines.table.hidden = frozenset() if several else frozenset({"COMPONENT"})
        self.lines.placeholder = "no endpoints: nothing here is published"
        self.lines.take({**gone, **rows})
        self.lines.rearranged()

    # Reaching

    def on_table_lines_row_chosen(self, event: TableLines.RowChosen) -> None:
        event.stop()
        self._ask([event.row])

    def action_check_all(self) -> None:
        table = self.lines.table
        self._ask([table[number] for number in range(len(table))])

    def _ask(self, rows: Sequence[EndpointRow]) -> None:
        for row in rows:
            self._found[row.key] = None
        self.lines.refit()
        begin(self, partial(self._check, rows), "reach", alone=False)

    async def _check(self, rows: Sequence[EndpointRow]) -> None:
        await asyncio.gather(*(self._check_one(row) for row in rows))

    async def _check_one(self, row: EndpointRow) -> None:
        try:
            self._found[row.key] = await self.shared.ask().live.reachability(row.endpoint)
        except Exception as error:
            self._found[row.key] = Reachability(None, None, sentence(error))
        self.lines.refit()

    # Using

    def action_browse(self) -> None:
        row = self.lines.selected
        if row is not None:
            self.app.open_url(row.url)

    def action_copy(self) -> None:
        rows = self.lines.chosen
        if rows:
            self.app.copy_to_clipboard("\n".join(row.url for row in rows))
            what = rows[0].url if len(rows) == 1 else f"{len(rows)} addresses"
            self.post_message(Told(f"copied: {what}", "ready"))

    def action_forward(self) -> None:
        row = self.lines.selected
        if row is not None:
            begin(self, partial(self._forward, row), "forward", alone=False)

    async def _forward(self, row: EndpointRow) -> None:
        """Lead a port of this computer to the container's, for what cannot be reached otherwise."""
        target = self._workload(row.endpoint.component)
        if target is None:
            self.post_message(Told(f"{row.endpoint.component} is in no cluster: there is nothing to forward to"))
            return
        try:
            made = await self.shared.ask().live.forward(target, row.endpoint.container_port)
        except Exception as error:
            self.post_message(Told(f"Port-forward: {sentence(error)}"))
            return
        self.app.copy_to_clipboard(made.url)
        self.post_message(Told(f"{made.url} leads to {row.endpoint.application}; the address is copied", "ready"))

    def _workload(self, name: str) -> Target | None:
        """What the component of this name is in its cluster, None where it is in none."""
        if self._line is None:
            return None
        environment = self._line.environment
        component = next((one for one in environment.components if one.name == name), None)
        return workload_of(environment.environment, component) if component is not None else None
