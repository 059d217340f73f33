"""One screen with the health of everything."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.live.api import Listing
from core.live.objects import ClusterRef
from core.live.tables import TableQuery
from tui.context import Context, sentence
from tui.view_models.board import Board
from tui.view_models.live_table import STATE_OF
from tui.view_models.pulse import Beat, newest_warnings, pulse_lines
from tui.view_models.text import Line, Span
from tui.widgets.line_view import LineView
from tui.widgets.strip_line import StripLine
from tui.working import begin

_PAUSE = 0.5
"""Seconds between two repaints at the least."""


class PulseScreen(Screen[None], inherit_bindings=False):
    """Watches the pods of every cluster for as long as it is open."""

    DEFAULT_CSS = """
    PulseScreen {
        background: $background;
        & #pulse-heading { height: 1; background: $panel; }
        & #pulse { padding: 1 2; border: round $border-focused; }
        &.-ascii #pulse { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Back", id="pulse.close"),
    ]

    def __init__(self, context: Context, board: Board) -> None:
        super().__init__()
        self.shared = context
        self._board = board
        self._beats: dict[ClusterRef, Beat] = {}

    def compose(self) -> ComposeResult:
        yield StripLine(self.shared.glyphs, id="pulse-heading")
        yield LineView(self.shared.glyphs, id="pulse")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.query_one("#pulse-heading", StripLine).show_lines([(Span(" Pulse", "title"), Span("   esc Back", "dim"))])
        self.query_one("#pulse", LineView).focus()
        for cluster in self.shared.clusters:
            self._beats[cluster] = Beat()
            begin(self, partial(self._count, cluster, self._beats[cluster]), f"pulse {cluster}", alone=False)
            begin(self, partial(self._warn, cluster, self._beats[cluster]), f"warnings {cluster}", alone=False)
        self.show()
        self.set_interval(_PAUSE, self.show)

    def show(self) -> None:
        """Show everything as it is now."""
        self.query_one("#pulse", LineView).show(self._lay)

    def _lay(self, width: int) -> list[Line]:
        shared = self.shared
        return pulse_lines(self._board, self._beats, shared.usages, shared.glyphs, width=width, now=shared.clock())

    async def _count(self, cluster: ClusterRef, beat: Beat) -> None:
        async for listing in self._listing(TableQuery((cluster,), "pods"), beat):
            beat.pods = Counter(STATE_OF[listing.shape.health(row)] for row in listing.rows.values())
            beat.trouble = next((source.trouble for source in listing.sources if source.since is not None), "")

    async def _warn(self, cluster: ClusterRef, beat: Beat) -> None:
        async for listing in self._listing(TableQuery((cluster,), "events", fields="type=Warning"), beat):
            beat.warnings = newest_warnings(listing.rows.values(), self.shared.clock())

    async def _listing(self, query: TableQuery, beat: Beat) -> AsyncIterator[Listing]:
        """The table each time that it changed; what goes wrong is the beat's trouble."""
        try:
            async with self.shared.ask().live.listing(query) as listing:
                async for _ in listing.changes():
                    yield listing
                    await asyncio.sleep(_PAUSE)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            beat.trouble = sentence(error)
