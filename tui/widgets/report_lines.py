"""The lines of a deployment's report."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from textual.events import Resize

from core.status import ReportLine
from tui.view_models.glyphs import Glyphs
from tui.view_models.report import report_lines
from tui.view_models.text import Line
from tui.widgets.tail_view import TailView

LIMIT = 10_000
"""The most lines of a report that are shown; the oldest go first."""


class ReportLines(TailView):
    """Report lines, wrapped; bounded, and each shown once however often it is delivered."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(glyphs, id=id)
        self._report: deque[ReportLine] = deque(maxlen=LIMIT)
        self._wrapped: list[Line] = []
        self._last = -1
        self.only_failures = False

    @property
    def line_count(self) -> int:
        return len(self._wrapped)

    def line_at(self, number: int) -> Line:
        return self._wrapped[number]

    def add(self, lines: Sequence[ReportLine]) -> None:
        """Append lines that are newer than the last one."""
        fresh = [line for line in lines if line.id > self._last]
        if not fresh:
            return
        self._last = fresh[-1].id
        self._report.extend(fresh)
        laid = self._wrap(self._wanted(fresh))
        dropped = max(len(self._wrapped) + len(laid) - 2 * LIMIT, 0)
        self._wrapped = [*self._wrapped, *laid][dropped:]
        self.appended(len(laid), dropped)

    def clear(self) -> None:
        """Start over with an empty report."""
        self._report.clear()
        self._wrapped = []
        self._last = -1
        self.lines_changed()
        self.to_end()

    def on_resize(self, event: Resize) -> None:
        self._wrapped = self._wrap(self._wanted(self._report))
        super().on_resize(event)

    def show_only_failures(self, only: bool) -> None:
        """Show warnings and failures alone, or everything."""
        self.only_failures = only
        self._wrapped = self._wrap(self._wanted(self._report))
        self.lines_changed()
        self.to_end()

    def _wanted(self, lines: Iterable[ReportLine]) -> list[ReportLine]:
        return [line for line in lines if not self.only_failures or line.level in ("warning", "error")]

    def _wrap(self, lines: Sequence[ReportLine]) -> list[Line]:
        width = max(self.scrollable_content_region.width, 20)
        return [row for line in lines for row in report_lines(line, width, self.glyphs)]
