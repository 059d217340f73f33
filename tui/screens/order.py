"""An entry of the catalogue on its way into an environment: a form, checked at each letter."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.model.catalogue import Entry
from core.model.declaration import Declaration
from tui.context import Context, sentence
from tui.view_models.document_form import Entry as FormLine
from tui.view_models.document_lines import about_lines, entry_line, form_heading
from tui.view_models.keys import hint_line
from tui.view_models.order_form import KEYS, OrderForm
from tui.view_models.text import Line
from tui.widgets.line_list import LineList
from tui.widgets.notice_line import NoticeLine
from tui.widgets.prompt_line import Asked, PromptLine
from tui.widgets.strip_line import StripLine
from tui.working import begin

Left = Literal["added", "plan"]


class OrderScreen(Screen[tuple[str, Left] | None], inherit_bindings=False):
    """Ends with the name of what came into the draft (and whether to plan it), or with None."""

    DEFAULT_CSS = """
    OrderScreen {
        background: $background;
        & #order-heading, & #order-keys { height: 1; background: $panel; }
        & #order { padding: 0 1; border: round $border-focused; }
        & #order-about { height: 2; padding: 0 2; }
        &.-ascii #order { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", id="order.close"),
        Binding("enter", "edit", "Fill in the field", id="order.edit"),
        Binding("space,right", "turn(1)", "Next choice", id="order.turn"),
        Binding("left", "turn(-1)", "Choice before", id="order.turn-back"),
        Binding("n", "problem", "To the next mistake", id="order.problem"),
        Binding("S,ctrl+s", "add('added')", "Add it to the draft", id="order.add"),
        Binding("D", "add('plan')", "Add it and show the plan", id="order.plan"),
    ]

    def __init__(self, context: Context, entry: Entry, environment: str, declared: Declaration) -> None:
        super().__init__()
        self.shared = context
        self.form = OrderForm(entry, declared)
        self.lines: list[FormLine] = self.form.lines
        self._environment = environment

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield StripLine(glyphs, id="order-heading")
        yield LineList(glyphs, id="order")
        yield StripLine(glyphs, id="order-about")
        yield NoticeLine(glyphs)
        yield StripLine(glyphs, id="order-keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.query_one("#order-keys", StripLine).show_lines([hint_line(KEYS)])
        self.view.focus()
        self._changed()

    @property
    def view(self) -> LineList:
        """The lines of the form."""
        return self.query_one("#order", LineList)

    @property
    def line(self) -> FormLine | None:
        """The line that has the cursor."""
        return self.lines[self.view.cursor] if self.view.cursor < len(self.lines) else None

    # Showing

    def _changed(self) -> None:
        """Something else is in the form: show it, checked."""
        self.lines = self.form.lines
        self.view.show(self._lay)
        title = f"{self.form.entry.title} for {self._environment}"
        heading = form_heading(title, self.form.mistakes, False, self.shared.glyphs)
        self.query_one("#order-heading", StripLine).show_lines([heading])
        self._show_about()

    def _lay(self, width: int) -> list[Line]:
        form, glyphs = self.form, self.shared.glyphs
        return [entry_line(line, form.value(line), form.problem(line), width, glyphs) for line in self.lines]

    def _show_about(self) -> None:
        line = self.line
        problem = self.form.problem(line) if line is not None else ""
        self.query_one("#order-about", StripLine).show(
            lambda width: about_lines(line, problem, width, self.shared.glyphs)
        )

    def on_line_list_cursor_moved(self) -> None:
        self._show_about()

    # Changing

    async def action_edit(self) -> None:
        line = self.line
        if line is None:
            return
        if not line.typed:
            self.action_turn(1)
            return
        before = self.form.value(line)
        asked = Asked(line.title, before, line.help, changed=partial(self._put, line), submitted=self._end,
                      dropped=partial(self._drop, line, before))  # fmt: skip
        await self.query(PromptLine).remove()
        await self.mount(PromptLine(asked), before="#order-about")
        self.query_one(PromptLine).focus()

    def _put(self, line: FormLine, text: str) -> None:
        self.form.put(line, text)
        self._changed()

    def _end(self, text: str) -> None:
        self.view.focus()

    def _drop(self, line: FormLine, before: str) -> None:
        self._put(line, before)
        self.view.focus()

    def action_turn(self, step: int) -> None:
        line = self.line
        if line is not None and line.sort in ("flag", "choice"):
            self.form.turn(line, step)
            self._changed()

    def action_problem(self) -> None:
        at = self.view.cursor
        wrong = [number for number, line in enumerate(self.lines) if self.form.problem(line)]
        if wrong:
            self.view.cursor = next((number for number in wrong if number > at), wrong[0])

    # Leaving

    def action_add(self, left: Left) -> None:
        if self.form.mistakes:
            self.action_problem()
        else:
            begin(self, partial(self._add, left), "add")

    async def _add(self, left: Left) -> None:
        order = self.form.order
        try:
            await self.shared.ask().add(self._environment, order)
        except Exception as error:
            self.query_one(NoticeLine).tell(sentence(error), "failed")
            return
        self.dismiss((order.name, left))

    def action_close(self) -> None:
        if not self.query_one(NoticeLine).dismiss():
            self.dismiss(None)
