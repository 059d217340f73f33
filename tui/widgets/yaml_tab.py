"""The tab with the YAML of what is selected."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.widget import Widget

from core.live.objects import Target
from tui.context import Context, sentence
from tui.view_models.live_targets import target_of
from tui.view_models.reader import reader_lines
from tui.view_models.text import Line, Span
from tui.view_models.tree import Key, TreeLine
from tui.widgets.line_view import LineView
from tui.widgets.pane_tab import PaneTab
from tui.working import begin

_NONE = "YAML: select a machine or a replica"


class YamlTab(PaneTab):
    """A machine's node or a replica's pod, as the API has it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, id="yaml")
        self._shown: Key | None = None
        self._text = ""
        self._trouble = ""
        self._placeholder = _NONE

    def compose(self) -> ComposeResult:
        yield LineView(self.shared.glyphs)

    @property
    def target(self) -> Widget:
        return self.query_one(LineView)

    def show_line(self, line: TreeLine | None, again: bool = False) -> None:
        key = line.key if line is not None else ()
        if key == self._shown and not again:
            return
        self._shown, self._text, self._trouble = key, "", ""
        target = target_of(line)
        self._placeholder = _NONE if target is None else f"reading {target}"
        self._show()
        if target is None:
            self.workers.cancel_group(self, "yaml")
        else:
            begin(self, partial(self._read, target), "yaml")

    async def _read(self, target: Target) -> None:
        try:
            self._text = await self.shared.ask().live.yaml(target)
        except Exception as error:
            self._trouble = sentence(error)
        self._show()

    def _show(self) -> None:
        self.query_one(LineView).show(self._lay)

    def _lay(self, width: int) -> list[Line]:
        glyphs = self.shared.glyphs
        if self._trouble:
            return [(glyphs.mark("failed"), Span(f" {glyphs.fold(self._trouble)}", "bad"))]
        if not self._text:
            return [(Span(self._placeholder, "dim"),)]
        return reader_lines(self._text, "yaml", None, width, glyphs)
