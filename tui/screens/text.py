"""A text that is read alone: a description, YAML, a step's output, one line of a log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.context import Context, sentence
from tui.saving import save
from tui.view_models.glyphs import State
from tui.view_models.keys import hint_line
from tui.view_models.log_query import LogQuery, QueryError, log_query
from tui.view_models.reader import KEYS, Toned, reader_heading, reader_lines
from tui.view_models.text import EMPTY, Line, Span, counted, plain
from tui.widgets.line_list import LineList
from tui.widgets.notice_line import NoticeLine
from tui.widgets.prompt_line import Asked, PromptLine
from tui.widgets.strip_line import StripLine
from tui.working import begin

Read = Callable[[], Awaitable[str]]


class TextScreen(Screen[None], inherit_bindings=False):
    """Reads its text when it opens, again on r and every so many seconds; what is searched for stays marked."""

    DEFAULT_CSS = """
    TextScreen {
        background: $background;
        & #text-heading, & #text-keys { height: 1; background: $panel; }
        & #text { padding: 0 1; border: round $border-focused; }
        &.-ascii #text { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", id="text.close"),
        Binding("slash", "search", "Search", id="text.search"),
        Binding("n", "match(1)", "Next match", id="text.next"),
        Binding("N", "match(-1)", "Match before", id="text.before"),
        Binding("w", "wrap", "Wrap long lines, or cut them", id="text.wrap"),
        Binding("r", "read", "Read it again", id="text.read"),
        Binding("c", "copy", "Copy everything", id="text.copy"),
        Binding("S,ctrl+s", "save", "Save it", id="text.save"),
    ]

    def __init__(
        self, context: Context, title: str, read: Read, toned: Toned = "plain", *, every: float | None = None
    ) -> None:
        super().__init__()
        self._every = every
        self.shared = context
        self.heading = title
        self._read = read
        self._toned = toned
        self._text: str | None = None
        self._trouble = ""
        self._query: LogQuery | None = None
        self._wrap = True

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield StripLine(glyphs, id="text-heading")
        yield LineList(glyphs, id="text")
        yield NoticeLine(glyphs)
        yield StripLine(glyphs, id="text-keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.view.focus()
        self.view.show(self._lay)
        self.query_one("#text-keys", StripLine).show_lines([hint_line(KEYS)])
        self.action_read()
        if self._every is not None:
            self.set_interval(self._every, self.action_read)

    @property
    def view(self) -> LineList:
        """The lines of the text."""
        return self.query_one("#text", LineList)

    @property
    def text(self) -> str:
        """What was read, empty until then."""
        return self._text or ""

    def tell(self, text: str, state: State = "failed") -> None:
        """Show a sentence until the next key that goes back."""
        self.query_one(NoticeLine).tell(text, state)

    def action_close(self) -> None:
        if not self.query_one(NoticeLine).dismiss():
            self.dismiss(None)

    def action_read(self) -> None:
        begin(self, self._load, "text")

    def action_wrap(self) -> None:
        self._wrap = not self._wrap
        self._show()

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.text)
        self.tell(f"copied: {counted(len(self.text.splitlines()), 'line')}", "ready")

    def action_save(self) -> None:
        ending = "yaml" if self._toned == "yaml" else "txt"
        try:
            path = save(self.heading, ending, self.shared.clock(), self.text.splitlines())
        except Exception as error:
            self.tell(sentence(error))
            return
        self.tell(f"saved: {path}", "ready")

    async def action_search(self) -> None:
        asked = Asked("find", self._query.text if self._query else "", "text or /pattern/", changed=self._search,
                      submitted=self._end_search, dropped=partial(self._end_search, ""))  # fmt: skip
        await self.mount(PromptLine(asked), before="#text-keys")
        self.query_one(PromptLine).focus()

    def action_match(self, step: int) -> None:
        matches = self._matches()
        later = [number for number in matches if (number - self.view.cursor) * step > 0]
        if matches:
            ends = matches[0] if step > 0 else matches[-1]
            self.view.cursor = (later[0] if step > 0 else later[-1]) if later else ends

    async def _load(self) -> None:
        try:
            self._text, self._trouble = await self._read(), ""
        except Exception as error:
            self._trouble = sentence(error)
        self._show()

    def _search(self, text: str) -> None:
        try:
            self._query = log_query(text)
        except QueryError:
            return
        self._show()
        matches = self._matches()
        if matches and self.view.cursor not in matches:
            self.action_match(1)

    def _end_search(self, text: str) -> None:
        self.view.focus()
        try:
            self._query = log_query(text)
        except QueryError as error:
            self.tell(str(error))
        self._show()

    def _matches(self) -> Sequence[int]:
        query = self._query
        if query is None:
            return ()
        lines = range(self.view.line_count)
        return [number for number in lines if query.matches(plain(self.view.line_at(number)))]

    def _show(self) -> None:
        self.view.show(self._lay)
        head = reader_heading(self.heading, self._query, len(self._matches()))
        self.query_one("#text-heading", StripLine).show_lines([head])

    def _lay(self, width: int) -> list[Line]:
        glyphs = self.shared.glyphs
        if self._trouble:
            return [(glyphs.mark("failed"), Span(f" {glyphs.fold(self._trouble)}", "bad"))]
        if self._text is None:
            return [(Span("reading", "dim"),)]
        pattern = self._query.pattern if self._query is not None else None
        return reader_lines(self._text, self._toned, pattern, width if self._wrap else 0, glyphs) or [EMPTY]
