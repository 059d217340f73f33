"""A run: its heading with a bar, the matrix of machines and steps, the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.status import ReportLine
from tui.context import Context
from tui.view_models.matrix import matrix_head
from tui.view_models.report import run_heading
from tui.view_models.run_view import RunView, StepView, step_text
from tui.view_models.text import EMPTY, Line
from tui.widgets.matrix_lines import MatrixLines
from tui.widgets.report_lines import ReportLines
from tui.widgets.strip_line import StripLine


class RunPane(Vertical):
    """Shows the run that it is given; failures stay in its heading with their causes."""

    DEFAULT_CSS = """
    RunPane { height: 1fr; }
    RunPane > ReportLines { margin: 1 0 0 0; }
    RunPane > #run-head { height: 1; margin: 1 0 0 0; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "matrix", "To the machines, or to the report", id="run.matrix"),
        Binding("f", "failures", "Only warnings and failures, or everything", id="run.failures"),
        Binding("n", "failed_step", "The next step that failed, in full", id="run.failed"),
    ]

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.shared = context
        self.environment = ""
        self.run: RunView | None = None
        self._failed = 0

    def compose(self) -> ComposeResult:
        glyphs = self.shared.glyphs
        yield StripLine(glyphs, id="run-heading")
        yield StripLine(glyphs, id="run-head")
        yield MatrixLines(glyphs)
        yield ReportLines(glyphs, id="report-lines")

    @property
    def report(self) -> ReportLines:
        """The report."""
        return self.query_one(ReportLines)

    @property
    def matrix(self) -> MatrixLines:
        """The machines and steps."""
        return self.query_one(MatrixLines)

    def show_run(self, environment: str, run: RunView | None) -> None:
        """Show another run, or that there is none."""
        self.environment, self.run = environment, run
        self.report.clear()
        self.matrix.show_run(run)
        if run is not None:
            self.report.add(run.lines)
        self.changed()

    def changed(self, fresh: Sequence[ReportLine] = ()) -> None:
        """Something happened in the run."""
        self.report.add(fresh)
        self.matrix.changed()
        self.query_one("#run-head", StripLine).show(self._lay_head)
        self.tick()

    def tick(self) -> None:
        """A second went by."""
        self.query_one("#run-heading", StripLine).show(self._lay)

    def _lay(self, width: int) -> list[Line]:
        return run_heading(self.environment, self.run, width, self.shared.clock(), self.shared.glyphs)

    def _lay_head(self, width: int) -> list[Line]:
        if self.run is None or not self.run.steps:
            return [EMPTY]
        return [matrix_head(self.matrix.columns, self.shared.glyphs)]

    def on_matrix_lines_field_opened(self, event: MatrixLines.FieldOpened) -> None:
        event.stop()
        self._open(event.steps)

    def action_matrix(self) -> None:
        (self.report if self.matrix.has_focus else self.matrix).focus()

    def action_failures(self) -> None:
        self.report.show_only_failures(not self.report.only_failures)

    def action_failed_step(self) -> None:
        failed = self.run.failed if self.run is not None else []
        if failed:
            self._open([failed[self._failed % len(failed)]])
            self._failed += 1

    def _open(self, steps: Sequence[StepView]) -> None:
        from tui.screens.text import TextScreen

        run = self.run
        assert run is not None

        async def read() -> str:
            return "\n\n".join(step_text(step, run.lines) for step in steps)

        title = f"{steps[0].target}: {steps[0].phase}"
        self.app.push_screen(TextScreen(self.shared, title, read, "describe"))
