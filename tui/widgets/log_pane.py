"""A log with its heading and the line in which is typed what to look for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tui.batches import merged
from tui.context import Context, sentence
from tui.messages import Told
from tui.saving import save
from tui.view_models.log_buffer import Entry
from tui.view_models.log_feed import SINCE, UNITS, LogFeed, RecordNames
from tui.view_models.log_json import spread_out
from tui.view_models.log_look import time_text
from tui.view_models.log_query import QueryError, log_query
from tui.view_models.logs import NOTHING, Reading, log_heading
from tui.view_models.text import Line, counted
from tui.widgets.log_lines import LogLines
from tui.widgets.prompt_line import Asked, PromptLine
from tui.widgets.strip_line import StripLine
from tui.widgets.tail_view import TailView
from tui.working import begin

_HINT = "text   /pattern/   .field=value   !without"

_SINCE_BINDINGS: list[BindingType] = [
    Binding(key, f"since({number})", title, id=f"log.since-{number}") for number, (key, _, title) in enumerate(SINCE)
]


class LogPane(Vertical):
    """One log at a time, read in a worker that ends with the pane."""

    DEFAULT_CSS = "LogPane { height: 1fr; & > LogLines { margin: 1 0 0 0; } }"

    BINDINGS: ClassVar[list[BindingType]] = [
        *_SINCE_BINDINGS,
        Binding("slash", "search", "Search", id="log.search"),
        Binding("h", "highlight", "Highlight more words", id="log.highlight"),
        Binding("a", "container", "Next container or service, or all", id="log.container"),
        Binding("p", "previous", "The run before the last restart, or this one", id="log.previous"),
        Binding("c", "copy", "Copy the marked lines, or this one", id="log.copy"),
        Binding("S,ctrl+s", "save", "Save what is shown", id="log.save"),
    ]

    def __init__(self, context: Context, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.shared = context
        self.feed: LogFeed | None = None
        self._names = RecordNames()
        self._ended = False
        self._trouble = ""
        self._searched: list[str] = []

    def compose(self) -> ComposeResult:
        yield StripLine(self.shared.glyphs)
        yield LogLines(self.shared.glyphs, self.shared.clock)

    def on_mount(self) -> None:
        self.query_one(StripLine).show(self._lay)

    @property
    def lines(self) -> LogLines:
        """The lines."""
        return self.query_one(LogLines)

    @property
    def ended(self) -> bool:
        """Nothing more will come of what is read."""
        return self._ended

    def open(self, feed: LogFeed | None) -> None:
        """Read this log from now on."""
        self.feed, self._ended, self._trouble = feed, False, ""
        self._names = RecordNames()
        self.lines.clear()
        if feed is None:
            self.workers.cancel_group(self, "log")
        else:
            begin(self, partial(self._read, feed), "log")
        self.show_heading()

    def tick(self) -> None:
        """A second went by."""
        self.lines.tick()

    def show_heading(self) -> None:
        """Say how the reading goes."""
        self.query_one(StripLine).show(self._lay)

    async def _read(self, feed: LogFeed) -> None:
        try:
            async for records in merged(feed.open(self.shared.ask())):
                self.lines.add(self._names.entries(records))
                self.show_heading()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._trouble = sentence(error)
        self._ended = True
        self.show_heading()

    def on_tail_view_follow_changed(self, event: TailView.FollowChanged) -> None:
        event.stop()
        self.show_heading()

    def on_log_lines_line_zoomed(self, event: LogLines.LineZoomed) -> None:
        from tui.screens.text import TextScreen

        async def read() -> str:
            return "\n".join(spread_out(event.entry.text))

        event.stop()
        self.app.push_screen(TextScreen(self.shared, f"one line of {event.entry.source}", read, "yaml"))

    def _lay(self, width: int) -> list[Line]:
        if self.feed is None:
            return [NOTHING]
        return log_heading(self.feed, self._reading(), self.lines.look, width, self.shared.glyphs)

    def _reading(self) -> Reading:
        lines, search = self.lines, self.lines.search
        return Reading(
            len(lines.buffer),
            lines.shown,
            lines.buffer.dropped,
            lines.unseen,
            self._ended,
            self._trouble,
            search.query,
            search.place(lines.at),
            search.only,
            len(lines.marks),
        )

    # Searching

    async def action_search(self) -> None:
        query = self.lines.search.query
        asked = Asked(
            "find",
            query.text if query else "",
            _HINT,
            changed=self._search,
            submitted=self._remember,
            dropped=partial(self._drop_search),
            history=self._searched,
        )
        await self._ask(asked)

    async def action_highlight(self) -> None:
        terms = " ".join(term.text for term in self.lines.search.terms)
        hint = "words to highlight, apart by spaces"
        await self._ask(Asked("highlight", terms, hint, submitted=self._highlight, dropped=self._focus_lines))

    async def _ask(self, asked: Asked) -> None:
        await self.query(PromptLine).remove()
        await self.mount(PromptLine(asked))
        self.query_one(PromptLine).focus()

    def _search(self, text: str) -> None:
        try:
            self.lines.look_for(log_query(text))
        except QueryError:
            # While a pattern is typed it is none most of the time; at its end it is said what is wrong.
            return

    def _remember(self, text: str) -> None:
        self.lines.focus()
        if not text:
            self.lines.look_for(None)
            return
        self._searched.append(text)
        self._try(lambda: self.lines.look_for(log_query(text)))

    def _drop_search(self) -> None:
        self.lines.look_for(None)
        self.lines.focus()

    def _highlight(self, text: str) -> None:
        self.lines.focus()
        self._try(lambda: self.lines.highlight([query for word in text.split() if (query := log_query(word))]))

    def _focus_lines(self) -> None:
        self.lines.focus()

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except QueryError as error:
            self.post_message(Told(str(error)))

    # What is read

    def action_since(self, number: int) -> None:
        if self._is_told_whole():
            return
        if self.feed is not None:
            self.open(self.feed.since(SINCE[number][1]))

    def action_previous(self) -> None:
        if self._is_told_whole():
            return
        if self.feed is not None:
            self.open(self.feed.previous)

    def action_container(self) -> None:
        if self.feed is None or self._is_told_whole():
            return
        if self.feed.unit:
            self.open(self.feed.of_unit(UNITS[(UNITS.index(self.feed.unit) + 1) % len(UNITS)]))
            return
        choices = ["", *self._names.containers]
        now = self.feed.query.container
        at = choices.index(now) if now in choices else 0
        self.open(self.feed.of_container(choices[(at + 1) % len(choices)] if not now else ""))

    def _is_told_whole(self) -> bool:
        """A Docker host tells all that its engine keeps, which is said then."""
        whole = self.feed is not None and bool(self.feed.host)
        if whole:
            text = "the log of a Docker host is read as a whole; select an application for its lines alone"
            self.post_message(Told(text, "unknown"))
        return whole

    # What is taken along

    def action_copy(self) -> None:
        entries = self.lines.picked
        if entries:
            self.app.copy_to_clipboard("\n".join(entry.text for entry in entries))
            self.post_message(Told(f"copied: {counted(len(entries), 'line')}", "ready"))

    def action_save(self) -> None:
        if self.feed is None:
            return
        lines = (_written(entry) for entry in self.lines.entries())
        try:
            path = save(f"log-{self.feed.title}", "log", self.shared.clock(), lines)
        except Exception as error:
            self.post_message(Told(sentence(error)))
            return
        self.post_message(Told(f"saved: {path}", "ready"))


def _written(entry: Entry) -> str:
    head: Sequence[str] = (time_text(entry.time, "utc", 0), entry.source) if entry.source else ("---",)
    return " ".join((*head, entry.text))
