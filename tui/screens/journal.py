"""The journal: every action, by whom, on what, when, how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.live.operations import JournalEntry, JournalQuery
from tui.context import Context, sentence
from tui.saving import save
from tui.screens.text import TextScreen
from tui.view_models.journal import KEYS, JournalRow, entry_text, journal_table
from tui.view_models.keys import hint_line
from tui.view_models.text import Span, counted
from tui.widgets.notice_line import NoticeLine
from tui.widgets.prompt_line import Asked, PromptLine
from tui.widgets.strip_line import StripLine
from tui.widgets.table_lines import TableLines
from tui.widgets.table_view import TableView
from tui.working import begin


class JournalScreen(Screen[None], inherit_bindings=False):
    """The newest first; what is typed after / is looked for in all of an entry's texts, by the store."""

    DEFAULT_CSS = """
    JournalScreen {
        background: $background;
        & #journal-heading, & #journal-keys { height: 1; background: $panel; }
        & TableView { padding: 0 1; border: round $border-focused; }
        &.-ascii TableView { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,J", "close", "Back", id="journal.close"),
        Binding("slash", "filter", "Filter", id="journal.filter"),
        Binding("r", "read", "Read it again", id="journal.read"),
        Binding("c", "copy", "Copy the command that does the same", id="journal.copy"),
        Binding("S,ctrl+s", "save", "Save it", id="journal.save"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.shared = context
        self._text = ""

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield StripLine(glyphs, id="journal-heading")
        yield TableView(glyphs, self.shared.clock)
        yield NoticeLine(glyphs)
        yield StripLine(glyphs, id="journal-keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.query_one("#journal-keys", StripLine).show_lines([hint_line(KEYS)])
        self.lines.show_table(journal_table())
        self.lines.focus()
        self.action_read()

    @property
    def lines(self) -> TableLines:
        """The entries."""
        return self.query_one(TableLines)

    def action_read(self) -> None:
        begin(self, self._load, "journal")

    async def _load(self) -> None:
        try:
            entries = await self.shared.ask().live.journal(JournalQuery(text=self._text))
        except Exception as error:
            self.query_one(NoticeLine).tell(sentence(error), "failed")
            return
        self._show(entries)

    def _show(self, entries: Sequence[JournalEntry]) -> None:
        table = journal_table()
        table.apply({row.key: row for row in map(JournalRow, entries)})
        self.lines.placeholder = "nothing was done yet" if not self._text else "nothing fits"
        self.lines.show_table(table)
        filtered = f"   filter: {self._text}" if self._text else ""
        words = f" Journal   {counted(len(entries), 'action')}{filtered}"
        self.query_one("#journal-heading", StripLine).show_lines([(Span(words, "title"),)])

    async def action_filter(self) -> None:
        asked = Asked("filter", self._text, "words in any of an entry's texts", changed=self._narrow,
                      submitted=self._keep, dropped=lambda: self._keep(""))  # fmt: skip
        await self.mount(PromptLine(asked), before="#journal-keys")
        self.query_one(PromptLine).focus()

    def _narrow(self, text: str) -> None:
        self._text = text.strip()
        self.action_read()

    def _keep(self, text: str) -> None:
        self._narrow(text)
        self.lines.focus()

    def on_table_lines_row_chosen(self, event: TableLines.RowChosen) -> None:
        event.stop()
        entry: JournalEntry = event.row.entry

        async def read() -> str:
            return entry_text(entry)

        self.app.push_screen(TextScreen(self.shared, f"{entry.action} of {entry.subject}", read, "describe"))

    def action_copy(self) -> None:
        row = self.lines.selected
        if row is not None:
            self.app.copy_to_clipboard(row.entry.command)
            self.query_one(NoticeLine).tell(f"copied: {row.entry.command}", "ready")

    def action_save(self) -> None:
        rows = [self.lines.table[at].entry for at in range(len(self.lines.table))]
        texts = [line for entry in rows for line in (*entry_text(entry).splitlines(), "")]
        try:
            path = save("journal", "txt", self.shared.clock(), texts)
        except Exception as error:
            self.query_one(NoticeLine).tell(sentence(error), "failed")
            return
        self.query_one(NoticeLine).tell(f"saved: {path}", "ready")

    def action_close(self) -> None:
        if not self.query_one(NoticeLine).dismiss():
            self.dismiss(None)
