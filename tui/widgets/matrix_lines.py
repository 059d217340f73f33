"""The machines and steps of a run."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui.view_models.glyphs import Glyphs
from tui.view_models.matrix import Columns, columns_of, matrix_line
from tui.view_models.run_view import RunView, StepView
from tui.view_models.text import Line
from tui.widgets.line_list import LineList


class MatrixLines(LineList):
    """The cursor is on a field: a machine and a phase."""

    DEFAULT_CSS = "MatrixLines { height: auto; max-height: 40%; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "phase(-1)", "Phase before", id="matrix.left"),
        Binding("right", "phase(1)", "Next phase", id="matrix.right"),
        Binding("enter", "open", "The step in full", id="matrix.open"),
    ]

    class FieldOpened(Message):
        """The steps of a field are to be read."""

        def __init__(self, steps: list[StepView]) -> None:
            super().__init__()
            self.steps = steps

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs)
        self.run: RunView | None = None
        self._targets: list[str] = []
        self._phases: list[str] = []
        self._phase = 0

    @property
    def line_count(self) -> int:
        return len(self._targets)

    def line_at(self, number: int) -> Line:
        assert self.run is not None
        chosen = self.phase if number == self.cursor and self.has_focus else ""
        return matrix_line(self.run, self._targets[number], self.columns, chosen, self.glyphs)

    @property
    def phase(self) -> str:
        """The phase that has the cursor."""
        return self._phases[self._phase] if self._phase < len(self._phases) else ""

    @property
    def columns(self) -> Columns:
        """The phases that are shown."""
        assert self.run is not None
        width = max(self.scrollable_content_region.width, 1)
        left = 0
        while self._phase - left >= len(columns_of(self.run, width, left).phases):
            left += 1
        return columns_of(self.run, width, left)

    def show_run(self, run: RunView | None) -> None:
        """Show another run."""
        self.run, self._phase, self.cursor = run, 0, 0
        self.changed()

    def changed(self) -> None:
        """Something happened in the run: paint what looks different now."""
        targets = self.run.targets if self.run is not None else []
        self._phases = self.run.phases if self.run is not None else []
        grown, self._targets = targets != self._targets, targets
        if grown:
            self.lines_changed()
            self.refresh(layout=True)
        else:
            self.repaint_changed()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self._targets)

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.repaint_changed()

    def action_phase(self, step: int) -> None:
        self._phase = max(0, min(self._phase + step, len(self._phases) - 1))
        self.lines_changed()

    def action_open(self) -> None:
        if self.run is not None and self._targets:
            steps = self.run.at(self._targets[self.cursor], self.phase)
            if steps:
                self.post_message(self.FieldOpened(steps))
