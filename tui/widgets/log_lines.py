"""The lines of a log, to be read: followed, searched, narrowed, wrapped, marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, Resize
from textual.message import Message

from tui.view_models.glyphs import Glyphs
from tui.view_models.log_buffer import LIMIT, Entry, LogBuffer
from tui.view_models.log_look import NAMES, TERM_TONES, TIMES, Look, log_row, rows_of, shown_text
from tui.view_models.log_query import LogQuery
from tui.view_models.log_rows import LogRows
from tui.view_models.log_search import LogSearch
from tui.view_models.text import Line, Tone
from tui.widgets.tail_view import TailView

_STEP = 16


class LogLines(TailView):
    """Follows until somebody moves: then a line has the cursor, and what comes is counted."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    LogLines {
        & > .log--cursor { background: $cursor-background; }
        & > .log--resting { background: $cursor-resting; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--cursor", "log--resting"}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "One line up", id="log.up"),
        Binding("down,j", "move(1)", "One line down", id="log.down"),
        Binding("pageup,ctrl+u", "page(-1)", "One page up", id="log.page-up"),
        Binding("pagedown,ctrl+f", "page(1)", "One page down", id="log.page-down"),
        Binding("home,g", "top", "To the oldest line", id="log.top"),
        Binding("end,G", "follow", "To the end, and follow", id="log.follow"),
        Binding("P", "pause", "Stand still, or follow", id="log.pause"),
        Binding("left", "shift(-1)", "Further left", id="log.left"),
        Binding("right", "shift(1)", "Further right", id="log.right"),
        Binding("n", "match(1)", "Next match", id="log.next"),
        Binding("N", "match(-1)", "Match before", id="log.before"),
        Binding("x", "only", "Only matching lines, or all", id="log.only"),
        Binding("w", "wrap", "Wrap long lines, or cut them", id="log.wrap"),
        Binding("t", "times", "Times: of day, date, UTC, age, none", id="log.times"),
        Binding("I", "names", "Names: short, full, none", id="log.names"),
        Binding("f", "json", "JSON as words, or as it is", id="log.json"),
        Binding("m", "mark", "Mark the line", id="log.mark"),
        Binding("apostrophe", "next_mark", "Next mark", id="log.next-mark"),
        Binding("enter", "zoom", "The line alone, in full", id="log.zoom"),
    ]

    class LineZoomed(Message):
        """A line is to be shown alone."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(
        self, glyphs: Glyphs, clock: Callable[[], float], *, limit: int = LIMIT, id: str | None = None
    ) -> None:
        super().__init__(glyphs, id=id)
        self.buffer = LogBuffer(limit)
        self.look = Look()
        self.search = LogSearch(self.buffer)
        self.marks: set[int] = set()
        self.at: int | None = None
        self._rows = LogRows(self.buffer)
        self._clock = clock
        self._now = 0.0

    # What is shown

    @property
    def line_count(self) -> int:
        return self._rows.count

    def line_at(self, number: int) -> Line:
        line, part = self._rows.at(number)
        return log_row(
            self.buffer[line],
            self.look,
            self.glyphs,
            part=part,
            marked=line in self.marks,
            width=self._width,
            now=self._now,
        )

    @property
    def shown(self) -> int:
        """How many lines are shown."""
        return self._rows.line_count

    @property
    def current(self) -> Entry | None:
        """The line that has the cursor, or the last one while nothing has it."""
        if not self._rows.line_count:
            return None
        return self.buffer[self._rows.number(self._rows.line_count - 1) if self.at is None else self.at]

    @property
    def picked(self) -> list[Entry]:
        """The marked lines, or the current one."""
        if self.marks:
            return [self.buffer[number] for number in sorted(self.marks)]
        return [self.current] if self.current is not None else []

    def entries(self) -> Iterable[Entry]:
        """Every line that is shown, the oldest first."""
        return (self.buffer[self._rows.number(line)] for line in range(self._rows.line_count))

    @property
    def may_follow(self) -> bool:
        return self.at is None

    def is_marked(self, number: int) -> bool:
        return self.at is not None and self._rows.at(number)[0] == self.at

    def marked_style(self) -> Style:
        name = "log--cursor" if self.has_focus else "log--resting"
        return self.rich_style + self.get_component_rich_style(name, partial=True)

    # What comes

    def add(self, entries: Sequence[Entry]) -> None:
        """Append lines."""
        self._now = self._clock()
        sources = len(self.buffer.sources)
        dropped = self.buffer.extend(entries)
        self.search.appended(len(entries))
        came, gone = self._rows.appended(len(entries), dropped)
        if dropped:
            self.marks = {number for number in self.marks if number >= self.buffer.first}
            self.at = None if self.at is None else max(self.at, self._rows.number(0) if self.shown else 0)
        if len(self.buffer.sources) != sources:
            self._restyle()
        self.appended(came, gone)

    def clear(self) -> None:
        """Start over with an empty log that follows; what is searched for stays."""
        self.buffer.clear()
        self.search.renew()
        self.marks.clear()
        self.at = None
        self._rearrange()
        self.to_end()

    def tick(self) -> None:
        """A second went by."""
        self._now = self._clock()
        if self.look.times == "age":
            self.repaint_changed()

    # What is looked for

    def look_for(self, query: LogQuery | None) -> None:
        """Search: highlight, and go to the nearest match at or before what is on the screen."""
        self.search.look_for(query)
        if self.search.only:
            self._rearrange()
        self._highlight()
        if query is not None and self.search.matches:
            self._put(self.search.nearest(self._here()))
        self.post_message(self.FollowChanged())

    def highlight(self, queries: Sequence[LogQuery]) -> None:
        """Highlight these beside what is searched for."""
        self.search.terms = tuple(queries)
        self._highlight()

    def action_match(self, step: int) -> None:
        number = self.search.step(self._here(), step)
        if number is not None:
            self._put(number)

    def action_only(self) -> None:
        self.search.only = not self.search.only
        self._keep_place(self._rearrange)
        self.post_message(self.FollowChanged())

    # How it looks

    def action_wrap(self) -> None:
        self.look.wrap, self.look.left = not self.look.wrap, 0
        self._keep_place(self._rearrange)

    def action_times(self) -> None:
        self.look.times = TIMES[(TIMES.index(self.look.times) + 1) % len(TIMES)]
        self._keep_place(self._restyle)

    def action_names(self) -> None:
        self.look.names = NAMES[(NAMES.index(self.look.names) + 1) % len(NAMES)]
        self._keep_place(self._restyle)

    def action_json(self) -> None:
        self.look.json = not self.look.json
        self._keep_place(self._rearrange)

    def action_shift(self, steps: int) -> None:
        self.look.left = 0 if self.look.wrap else max(self.look.left + steps * _STEP, 0)
        self.lines_changed()

    # Where one is

    def action_move(self, step: int) -> None:
        if not self.shown:
            return
        last = self.shown - 1
        at = last if self.at is None else self._rows.line_of(self.at)
        self._put(self._rows.number(max(0, min(at + step, last))))

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(self.scrollable_content_region.height - 1, 1))

    def action_top(self) -> None:
        if self.shown:
            self._put(self._rows.number(0))

    def action_follow(self) -> None:
        self._leave_cursor()
        self.to_end()
        self.post_message(self.FollowChanged())

    def action_pause(self) -> None:
        if self.unseen is not None:
            self.action_follow()
        elif self.shown:
            self._put(self._rows.number(self.shown - 1))

    def action_mark(self) -> None:
        if self.at is None:
            self.action_pause()
        if self.at is not None:
            self.marks ^= {self.at}
            self.repaint_changed()
            self.post_message(self.FollowChanged())

    def action_next_mark(self) -> None:
        here = -1 if self.at is None else self.at
        later = [number for number in self.marks if number > here]
        if self.marks:
            self._put(min(later, default=min(self.marks)))

    def action_zoom(self) -> None:
        if self.current is not None:
            self.post_message(self.LineZoomed(self.current))

    def on_click(self, event: Click) -> None:
        row = self.scroll_offset.y + event.y
        if row < self.line_count:
            self._put(self._rows.at(row)[0])
            if event.chain == 2:
                self.action_zoom()

    def on_resize(self, event: Resize) -> None:
        self._keep_place(self._rearrange)

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._styles_of.clear()
        self._repaint_cursor()

    @property
    def _width(self) -> int:
        return max(self.scrollable_content_region.width, 1)

    def _here(self) -> int:
        """The line that has the cursor, or the last one in sight."""
        if self.at is not None:
            return self.at
        bottom = self.scroll_offset.y + self.scrollable_content_region.height - 1
        return self._rows.at(max(0, min(bottom, self.line_count - 1)))[0] if self.line_count else 0

    def _put(self, number: int) -> None:
        """Give this line the cursor and stand still."""
        self._repaint_cursor()
        self.at = number
        if self.unseen is None:
            self.unseen = 0
        self._repaint_cursor()
        self._show_cursor()
        self.post_message(self.FollowChanged())

    def _leave_cursor(self) -> None:
        self._repaint_cursor()
        self.at = None

    def _repaint_cursor(self) -> None:
        if self.at is None:
            return
        row = self._rows.row_of(self.at)
        while row < self.line_count and self._rows.at(row)[0] == self.at:
            self.repaint_line(row)
            row += 1

    def _show_cursor(self) -> None:
        """Scroll just so far that the cursor's line is in sight; a scroll to the end is no wish to follow."""
        assert self.at is not None
        height = self.scrollable_content_region.height
        top, row = self.scroll_offset.y, self._rows.row_of(self.at)
        if height and not top <= row < top + height:
            self.scroll_to(y=row if row < top else row - height + 1, animate=False, immediate=True, force=True)

    def _keep_place(self, change: Callable[[], None]) -> None:
        """Change how lines are laid out with the same line in sight."""
        following, here = self.unseen is None, self._here()
        change()
        if following:
            self.to_end()
        elif self.shown:
            self.at = self._rows.number(min(self._rows.line_of(here), self.shown - 1))
            self._show_cursor()

    def _restyle(self) -> None:
        """Names or times take another width."""
        self.look.name(self.buffer.sources)
        self._rearrange()

    def _rearrange(self) -> None:
        self._rows.narrow(self.search.narrowing)
        room = self.look.text_width(self._width)
        look, glyphs = self.look, self.glyphs
        self._rows.wrap((lambda text: rows_of(shown_text(text, look, glyphs), room)) if look.wrap else None)
        self.lines_changed()

    def _highlight(self) -> None:
        query = self.search.query
        wanted: list[tuple[LogQuery, Tone]] = [(query, "match")] if query is not None else []
        wanted += [(term, TERM_TONES[number % len(TERM_TONES)]) for number, term in enumerate(self.search.terms)]
        self.look.patterns = [(one.pattern, tone) for one, tone in wanted if one.pattern is not None]
        self.lines_changed()
