"""A former run alone on the screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.status import DeploymentStatus
from tui.context import Context, sentence
from tui.view_models.keys import hint_line
from tui.view_models.run_view import RunView
from tui.widgets.notice_line import NoticeLine
from tui.widgets.run_pane import RunPane
from tui.widgets.strip_line import StripLine
from tui.working import begin

_KEYS = (("m", "Machines, or report"), ("enter", "The step in full"), ("f", "Failures only"), ("esc", "Back"))


class RunScreen(Screen[None], inherit_bindings=False):
    """What is recorded of it: its steps, its report."""

    DEFAULT_CSS = """
    RunScreen {
        background: $background;
        & #run-keys { height: 1; background: $panel; }
        & RunPane { padding: 0 1; border: round $border-focused; }
        &.-ascii RunPane { border: ascii $border-focused; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", id="run.close"),
    ]

    def __init__(self, context: Context, environment: str, deployment: DeploymentStatus) -> None:
        super().__init__()
        self.shared = context
        self._environment = environment
        self._deployment = deployment

    def compose(self) -> ComposeResult:
        yield RunPane(self.shared)
        yield NoticeLine(self.shared.glyphs)
        yield StripLine(self.shared.glyphs, id="run-keys")

    def on_mount(self) -> None:
        self.set_class(self.shared.glyphs.ascii, "-ascii")
        self.query_one("#run-keys", StripLine).show_lines([hint_line(_KEYS)])
        self.query_one(RunPane).matrix.focus()
        begin(self, self._read, "run")

    async def _read(self) -> None:
        try:
            record = await self.shared.ask().runs.record(self._environment, self._deployment.number)
        except Exception as error:
            self.query_one(NoticeLine).tell(sentence(error), "failed")
            return
        self.query_one(RunPane).show_run(self._environment, RunView.recorded(self._deployment, record))

    def action_close(self) -> None:
        if not self.query_one(NoticeLine).dismiss():
            self.dismiss(None)
