"""The base of everything that shows lines: painted one by one, cached, wrapped again when the width changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.view_models.glyphs import Glyphs
from tui.view_models.text import EMPTY, TONES, Line, Span, Tone, fit, plain

Layout = Callable[[int], Sequence[Line]]
"""Lays lines out for a width in cells."""


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """Lines in tones that scroll; a subclass overrides `line_count` and `line_at` where it keeps lines otherwise."""

    DEFAULT_CSS = (
        "LineView { height: 1fr; overflow-x: hidden; scrollbar-gutter: stable; scrollbar-size-vertical: 1; "
        "scrollbar-color: $border-resting; scrollbar-background: $background; "
        "scrollbar-color-hover: $border-focused; scrollbar-background-hover: $background; "
        "scrollbar-color-active: $border-focused; scrollbar-background-active: $background; "
        "scrollbar-corner-color: $background;"
        + "".join(f"& > .tone--{tone} {{ color: $tone-{tone}; text-style: $tone-{tone}-style; }}" for tone in TONES)
        + "}"
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in TONES}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "One line up", id="lines.up"),
        Binding("down,j", "scroll_down", "One line down", id="lines.down"),
        Binding("pageup", "page_up", "One page up", id="lines.page-up"),
        Binding("pagedown", "page_down", "One page down", id="lines.page-down"),
        Binding("home,g", "scroll_home", "To the top", id="lines.top"),
        Binding("end,G", "scroll_end", "To the end", id="lines.end"),
    ]

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.glyphs = glyphs
        self._layout_of: Layout | None = None
        self._lines: Sequence[Line] = ()
        self._strips: dict[int, Strip] = {}
        self._painted: dict[int, Line] = {}
        self._styles_of: dict[tuple[Tone, bool], Style] = {}

    def on_mount(self) -> None:
        # A scroll bar is drawn with characters that such a terminal does not have.
        if self.glyphs.ascii:
            self.styles.scrollbar_size_vertical = 0

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def line_at(self, number: int) -> Line:
        """The line with this number, counted from 0."""
        return self._lines[number]

    def show(self, layout: Layout) -> None:
        """Show what `layout` gives; only lines that differ are painted again."""
        self._layout_of = layout
        self._lay_out()

    def lines_changed(self) -> None:
        """Every line may be another one: forget what was painted."""
        self._strips.clear()
        self._painted.clear()
        self.grown()

    def grown(self) -> None:
        """Lines were added at the end, or their number is another one; those that were painted stay as they are."""
        size = Size(max(self.size.width, 1), self.line_count)
        if self.virtual_size != size:
            self.virtual_size = size
        self.refresh()

    def render_line(self, y: int) -> Strip:
        number = self.scroll_offset.y + y
        if number >= self.line_count:
            return Strip.blank(self.size.width, self.rich_style)
        selection = self.text_selection
        if selection is not None:
            return self._paint_selected(number, selection)
        strip = self._strips.get(number)
        if strip is None:
            strip = self._strips[number] = self._paint(number)
            if len(self._strips) > 2000:
                self._forget(next(iter(self._strips)))
        return strip

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """The selected text, for the clipboard."""
        text = "\n".join(plain(self.line_at(number)).rstrip() for number in range(self.line_count))
        return selection.extract(text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def is_marked(self, number: int) -> bool:
        """Whether the line has the cursor; a plain view has none."""
        return False

    def marked_style(self) -> Style:
        """The background of the line that has the cursor."""
        return self.rich_style

    def notify_style_update(self) -> None:
        self._styles_of.clear()
        self._strips.clear()
        super().notify_style_update()

    def on_resize(self, event: Resize) -> None:
        self._lay_out()

    def repaint_line(self, number: int) -> None:
        """Paint one line again."""
        self._forget(number)
        self.refresh_line(number)

    def repaint_changed(self) -> None:
        """Of the lines that were painted, paint those again that look different now."""
        for number, line in list(self._painted.items()):
            if number >= self.line_count or self.line_at(number) != line:
                self.repaint_line(number)

    def _forget(self, number: int) -> None:
        self._strips.pop(number, None)
        self._painted.pop(number, None)

    def _lay_out(self) -> None:
        if self._layout_of is None:
            self.lines_changed()
            return
        lines = self._layout_of(max(self.scrollable_content_region.width, 1))
        old, self._lines = self._lines, lines
        if len(old) != len(lines):
            self.lines_changed()
            return
        for number, (before, after) in enumerate(zip(old, lines, strict=True)):
            if before != after:
                self.repaint_line(number)

    def _paint(self, number: int) -> Strip:
        width = self.size.width
        marked = self.is_marked(number)
        line = self._painted[number] = self.line_at(number)
        line = fit(line or EMPTY, width, self.glyphs.cut)
        segments = [self._segment(span, marked) for span in line if span.text]
        base = self._style("text", marked)
        return Strip(segments).adjust_cell_length(width, base).apply_offsets(0, number)

    def _paint_selected(self, number: int, selection: Selection) -> Strip:
        strip = self._paint(number)
        span = selection.get_span(number)
        if span is None:
            return strip
        start, end = span[0], strip.cell_length if span[1] < 0 else span[1]
        style = self.screen.get_component_rich_style("screen--selection")
        return Strip.join([strip.crop(0, start), strip.crop(start, end).apply_style(style), strip.crop(end)])

    def _segment(self, span: Span, marked: bool) -> Segment:
        return Segment(span.text, self._style(span.tone, marked))

    def _style(self, tone: Tone, marked: bool) -> Style:
        style = self._styles_of.get((tone, marked))
        if style is None:
            base = self.marked_style() if marked else self.rich_style
            style = base + self.get_component_rich_style(f"tone--{tone}", partial=True)
            self._styles_of[tone, marked] = style
        return style
