"""The plan of an environment: what a deployment would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.runs_api import Preview
from tui.context import Context, sentence
from tui.view_models.keys import hint_line
from tui.view_models.plan import KEYS, PlanRow, plan_heading, plan_rows
from tui.view_models.text import Line
from tui.widgets.line_list import LineList
from tui.widgets.strip_line import StripLine
from tui.working import begin


class PlanScreen(Screen[bool], inherit_bindings=False):
    """The steps with their diffs, touching nothing; ends with True when they are to be deployed."""

    DEFAULT_CSS = """
    PlanScreen {
        background: $background;
        & #plan-heading, & #plan-keys { height: 1; background: $panel; }
        & #plan { padding: 0 1; border: round $border-focused; }
        &.-ascii #plan { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close(False)", "Back", id="plan.close"),
        Binding("D", "close(True)", "Deploy", id="plan.deploy"),
        Binding("enter,space", "open", "Open or close a step", id="plan.open"),
        Binding("a", "open_all", "Open or close all steps", id="plan.open-all"),
        Binding("r", "read", "Look again", id="plan.read"),
    ]

    def __init__(self, context: Context, environment: str) -> None:
        super().__init__()
        self._shared = context
        self._environment = environment
        self._preview: Preview | None = None
        self._trouble = ""
        self._opened: frozenset[str] = frozenset()
        self._rows: Sequence[PlanRow] = ()

    def compose(self) -> ComposeResult:
        glyphs = self._shared.glyphs
        yield StripLine(glyphs, id="plan-heading")
        yield LineList(glyphs, id="plan")
        yield StripLine(glyphs, id="plan-keys")

    def on_mount(self) -> None:
        self.set_class(self._shared.glyphs.ascii, "-ascii")
        self.query_one("#plan-keys", StripLine).show_lines([hint_line(KEYS)])
        self.view.focus()
        self.action_read()

    @property
    def view(self) -> LineList:
        """The lines of the plan."""
        return self.query_one("#plan", LineList)

    def action_close(self, deploy: bool) -> None:
        self.dismiss(deploy and self._preview is not None and bool(self._preview.steps))

    def action_read(self) -> None:
        self._preview, self._trouble = None, ""
        self._show()
        begin(self, self._read, "plan")

    def action_open(self) -> None:
        step = self._rows[self.view.cursor].step if self.view.cursor < len(self._rows) else ""
        if step:
            self._opened ^= {step}
            self._show()

    def action_open_all(self) -> None:
        every = frozenset(row.step for row in self._rows if row.step)
        self._opened = frozenset() if self._opened >= every else every
        self._show()

    async def _read(self) -> None:
        try:
            self._preview = await self._shared.ask().runs.preview(self._environment)
        except Exception as error:
            self._trouble = sentence(error)
        self._show()

    def _show(self) -> None:
        heading = plan_heading(self._environment, self._preview, self._shared.glyphs)
        self.query_one("#plan-heading", StripLine).show_lines([heading])
        self.view.show(self._lay)

    def _lay(self, width: int) -> list[Line]:
        self._rows = plan_rows(self._preview, self._trouble, self._opened, width, self._shared.glyphs)
        return [row.line for row in self._rows]
