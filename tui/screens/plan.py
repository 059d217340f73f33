"""The plan of an environment: what a deployment would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.context import Context, sentence
from tui.view_models.plan import plan_heading, plan_lines
from tui.view_models.text import EMPTY
from tui.widgets.line_view import LineView
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
    ]

    def __init__(self, context: Context, environment: str) -> None:
        super().__init__()
        self._shared = context
        self._environment = environment
        self._steps: Sequence[str] | None = None
        self._trouble = ""

    def compose(self) -> ComposeResult:
        glyphs = self._shared.glyphs
        yield StripLine(glyphs, id="plan-heading")
        yield LineView(glyphs, id="plan")
        yield StripLine(glyphs, id="plan-keys")

    def on_mount(self) -> None:
        self.set_class(self._shared.glyphs.ascii, "-ascii")
        self.query_one("#plan", LineView).focus()
        self._show()
        begin(self, self._read, "read")

    def action_close(self, deploy: bool) -> None:
        self.dismiss(deploy and bool(self._steps))

    async def _read(self) -> None:
        try:
            self._steps = await self._shared.ask().plan(self._environment)
        except Exception as error:
            self._trouble = sentence(error)
        self._show()

    def _show(self) -> None:
        glyphs = self._shared.glyphs
        head, keys = plan_heading(self._environment, self._steps, self._trouble, glyphs)
        self.query_one("#plan-heading", StripLine).show_lines([head])
        self.query_one("#plan-keys", StripLine).show_lines([keys])
        steps, trouble = self._steps, self._trouble
        self.query_one("#plan", LineView).show(lambda width: plan_lines(steps, trouble, width, glyphs) or [EMPTY])
