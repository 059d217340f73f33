"""An environment's document as a form, checked at each letter, or in the person's own editor."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.model.base import dotted
from tui.context import Context, sentence
from tui.editing import edit_text
from tui.screens.choose import Choice, ChooseScreen
from tui.screens.confirm import ConfirmScreen, Question
from tui.view_models.document_form import DocumentForm, Entry, problem_of, problems_by_path
from tui.view_models.document_lines import KEYS, about_lines, entry_line, form_heading
from tui.view_models.keys import hint_line
from tui.view_models.text import Line
from tui.widgets.line_list import LineList
from tui.widgets.notice_line import NoticeLine
from tui.widgets.prompt_line import Asked, PromptLine
from tui.widgets.strip_line import StripLine
from tui.working import begin

Left = Literal["saved", "plan"]


class DocumentScreen(Screen[tuple[str, Left] | None], inherit_bindings=False):
    """Ends with the environment's name once its draft is kept (and whether to plan it), or with None.

    `base` is the deployed version that the text was made from.
    """

    DEFAULT_CSS = """
    DocumentScreen {
        background: $background;
        & #form-heading, & #form-keys { height: 1; background: $panel; }
        & #form { padding: 0 1; border: round $border-focused; }
        & #form-about { height: 2; padding: 0 2; }
        &.-ascii #form { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", id="document.close"),
        Binding("enter", "edit", "Fill in the field", id="document.edit"),
        Binding("space,right", "turn(1)", "Next choice", id="document.turn"),
        Binding("left", "turn(-1)", "Choice before", id="document.turn-back"),
        Binding("plus", "add", "Add to the list", id="document.add"),
        Binding("delete", "remove", "Take it out of its list, or empty the field", id="document.remove"),
        Binding("a", "every", "Every field, or what is filled in", id="document.every"),
        Binding("n", "problem", "To the next mistake", id="document.problem"),
        Binding("e", "editor", "The document in your editor", id="document.editor"),
        Binding("S,ctrl+s", "save", "Keep it as the draft", id="document.save"),
        Binding("P", "save('plan')", "Keep it and show the plan", id="document.plan"),
    ]

    def __init__(self, context: Context, title: str, text: str, base: int | None) -> None:
        super().__init__()
        self.shared = context
        self._title = title
        self._text = text
        self._original = text
        self._base = base
        self.form = DocumentForm(text)
        self.entries: list[Entry] = []
        self.problems: Mapping[str, str] = {}
        self._every = False

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield StripLine(glyphs, id="form-heading")
        yield LineList(glyphs, id="form")
        yield StripLine(glyphs, id="form-about")
        yield NoticeLine(glyphs)
        yield StripLine(glyphs, id="form-keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.query_one("#form-keys", StripLine).show_lines([hint_line(KEYS)])
        self.view.focus()
        self._changed()

    @property
    def view(self) -> LineList:
        """The lines of the form."""
        return self.query_one("#form", LineList)

    @property
    def entry(self) -> Entry | None:
        """The line that has the cursor."""
        return self.entries[self.view.cursor] if self.view.cursor < len(self.entries) else None

    @property
    def text(self) -> str:
        """The document as it is now."""
        return self._text

    # Showing and checking

    def _changed(self) -> None:
        """Something else is in the form: show it, and check it."""
        self.entries = self.form.shown(self._every)
        self._show()
        begin(self, self._check, "check")

    async def _check(self) -> None:
        try:
            found = await self.shared.ask().documents.problems(self._text)
        except Exception as error:
            self._tell(sentence(error))
            return
        self.problems = problems_by_path(found)
        self._show()

    def _show(self) -> None:
        glyphs = self.shared.glyphs
        self.view.show(self._lay)
        heading = form_heading(self._title, len(self.problems), self._text != self._original, glyphs)
        self.query_one("#form-heading", StripLine).show_lines([heading])
        self._show_about()

    def _lay(self, width: int) -> list[Line]:
        glyphs = self.shared.glyphs
        return [
            entry_line(entry, self.form.value(entry), problem_of(entry, self.problems), width, glyphs)
            for entry in self.entries
        ]

    def _show_about(self) -> None:
        entry, whole = self.entry, self.problems.get("", "")
        problem = problem_of(entry, self.problems) if entry is not None else ""
        self.query_one("#form-about", StripLine).show(
            lambda width: about_lines(entry, problem or whole, width, self.shared.glyphs)
        )

    def on_line_list_cursor_moved(self) -> None:
        self._show_about()

    def on_line_list_line_chosen(self) -> None:
        self._show_about()

    def _tell(self, text: str) -> None:
        self.query_one(NoticeLine).tell(text, "failed")

    # Changing

    async def action_edit(self) -> None:
        entry = self.entry
        if entry is None:
            return
        if not entry.typed:
            self.action_turn(1)
            return
        before = self.form.value(entry)
        asked = Asked(
            dotted(entry.path),
            before,
            entry.help,
            changed=partial(self._put, entry),
            submitted=self._end,
            dropped=partial(self._drop, entry, before),
        )
        await self.query(PromptLine).remove()
        await self.mount(PromptLine(asked), before="#form-about")
        self.query_one(PromptLine).focus()

    def _put(self, entry: Entry, text: str) -> None:
        if self.form.value(entry) != text.strip():
            self.form.set(entry, text)
            self._text = self.form.text
            self._changed()

    def _end(self, text: str) -> None:
        self.view.focus()

    def _drop(self, entry: Entry, before: str) -> None:
        self._put(entry, before)
        self.view.focus()

    def action_turn(self, step: int) -> None:
        entry = self.entry
        if entry is not None and entry.sort in ("flag", "choice"):
            self.form.turn(entry, step)
            self._text = self.form.text
            self._changed()

    def action_add(self) -> None:
        entry = self._list_above()
        if entry is not None:
            begin(self, partial(self._add, entry), "add")

    async def _add(self, entry: Entry) -> None:
        kind = ""
        if entry.choices:
            choices = [Choice(name, name) for name in entry.choices]
            wanted = await self.app.push_screen_wait(ChooseScreen(self.shared, "What to add", choices))
            if not wanted:
                return
            kind = wanted[0]
        path = self.form.add(entry, kind)
        self._text = self.form.text
        self._changed()
        self._go_to(dotted(path))

    def _list_above(self) -> Entry | None:
        """The list that the cursor is on, or in."""
        for entry in reversed(self.entries[: self.view.cursor + 1]):
            inside = self.entry is not None and self.entry.path[: len(entry.path)] == entry.path
            if entry.sort == "list" and inside:
                return entry
        return None

    def action_remove(self) -> None:
        entry = self.entry
        if entry is None:
            return
        if entry.item:
            self.form.remove(entry.path)
        elif entry.typed or entry.sort in ("flag", "choice"):
            self.form.set(entry, "")
        self._text = self.form.text
        self._changed()

    def action_every(self) -> None:
        path = dotted(self.entry.path) if self.entry is not None else ""
        self._every = not self._every
        self.entries = self.form.shown(self._every)
        self._show()
        self._go_to(path)

    def action_problem(self) -> None:
        at = self.view.cursor
        wrong = [number for number, entry in enumerate(self.entries) if problem_of(entry, self.problems)]
        if not wrong and self.problems and not self._every:
            self.action_every()
            wrong = [number for number, entry in enumerate(self.entries) if problem_of(entry, self.problems)]
        if wrong:
            self.view.cursor = next((number for number in wrong if number > at), wrong[0])

    def _go_to(self, path: str) -> None:
        number = next((number for number, entry in enumerate(self.entries) if dotted(entry.path) == path), None)
        if number is not None:
            self.view.cursor = number

    # The editor

    def action_editor(self) -> None:
        begin(self, self._edit, "editor")

    async def _edit(self) -> None:
        """The text in the editor, with its mistakes above it, until it is right or is left as it was."""
        told = [f"{path or 'the document'}: {text}" for path, text in self.problems.items()]
        try:
            while (edited := await edit_text(self.app, self._text, "environment.yaml", told)) != self._text:
                self._text, self.form = edited, DocumentForm(edited)
                found = await self.shared.ask().documents.problems(edited)
                if not found:
                    break
                told = [*map(str, found), "correct it, or leave it as it is to go on in the form"]
        except Exception as error:
            self._tell(sentence(error))
        self._changed()

    # Leaving

    def action_save(self, left: Left = "saved") -> None:
        begin(self, partial(self._save, left), "save")

    async def _save(self, left: Left) -> None:
        try:
            name = await self.shared.ask().documents.save(self._text, base=self._base)
        except Exception as error:
            self._tell(sentence(error))
            self.action_problem()
            return
        self.dismiss((name, left))

    def action_close(self) -> None:
        if not self.query_one(NoticeLine).dismiss():
            begin(self, self._close, "close")

    async def _close(self) -> None:
        question = Question(
            "Leave without keeping it?",
            [("What you changed is not kept as a draft yet.", "text")],
            "Leave",
            "Stay",
            careful=True,
        )
        if self._text == self._original or await self.app.push_screen_wait(ConfirmScreen(self.shared, question)):
            self.dismiss(None)
