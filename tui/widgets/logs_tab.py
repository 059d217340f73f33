"""The tab that tails a pod."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.batches import batches
from tui.context import Context, sentence
from tui.view_models.logs import belongs, log_heading
from tui.view_models.text import Line, Span
from tui.view_models.tree import TreeLine
from tui.widgets.log_lines import LogLines
from tui.widgets.stream_tab import StreamTab
from tui.widgets.strip_line import StripLine
from tui.widgets.tail_view import TailView

_NONE: Line = (Span("logs: select a pod or one of its replicas", "dim"),)


class LogsTab(StreamTab):
    """Tails what is selected; one stream at a time, the buffer starts over with each."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, id="logs")
        self._source: tuple[str, str, str] | None = None
        self._ended = False
        self._trouble = ""

    def compose(self) -> ComposeResult:
        yield StripLine(self.shared.glyphs)
        yield LogLines(self.shared.glyphs, id="logs-lines")

    @property
    def lines(self) -> LogLines:
        """The view of the log."""
        return self.query_one(LogLines)

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        """Tail the pod or the replica that is selected; a stream that ended starts over only when asked `again`."""
        source = _source_of(line)
        if source == self._source and not (again and self._ended):
            return
        self._source, self._ended, self._trouble = source, False, ""
        self.lines.clear()
        self._show_heading()
        if source is None:
            self.workers.cancel_group(self, "logs")
        else:
            self.run_worker(self._tail(*source), group="logs", exclusive=True)

    def on_tail_view_follow_changed(self, event: TailView.FollowChanged) -> None:
        event.stop()
        self._show_heading()

    async def _tail(self, environment: str, pod: str, instance: str) -> None:
        try:
            async for batch in batches(self.shared.ask().logs(environment, pod)):
                self.lines.add([text for text in batch if belongs(text, instance)])
                self._show_heading()
        except Exception as error:
            self._trouble = sentence(error)
        self._ended = True
        self._show_heading()

    def _show_heading(self) -> None:
        heading = _NONE
        if self._source is not None:
            heading = log_heading(
                self._source[2] or self._source[1],
                self.lines.buffer,
                self.shared.glyphs,
                paused=self.lines.unseen,
                ended=self._ended,
                trouble=self._trouble,
            )
        self.show_heading(heading)


def _source_of(line: TreeLine | None) -> tuple[str, str, str] | None:
    if line is None or line.component is None or line.kind not in ("pod", "replica"):
        return None
    return (line.environment.environment, line.component.name, line.instance)
