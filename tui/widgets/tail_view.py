"""Lines that keep coming: follows the end until somebody scrolls up."""

from __future__ import annotations

from textual.events import Resize
from textual.message import Message

from tui.widgets.line_view import LineView


class TailView(LineView):
    """Stays at the end while `unseen` is None; scrolled up, it stands still and counts what came since."""

    class FollowChanged(Message):
        """It began to follow, stopped, or there is more that is unseen."""

    unseen: int | None = None

    @property
    def may_follow(self) -> bool:
        """Whether to be scrolled to the end is enough to follow again."""
        return True

    def appended(self, added: int, dropped: int) -> None:
        """Lines were added at the end and dropped at the top: follow, or stay on the lines in sight."""
        if dropped:
            self.lines_changed()
        else:
            self.grown()
        if self.unseen is None:
            self.to_end()
            return
        self.unseen += added
        if dropped:
            self.scroll_to(y=max(self.scroll_offset.y - dropped, 0), animate=False, immediate=True, force=True)
        self.post_message(self.FollowChanged())

    def to_end(self) -> None:
        """Show the last lines and follow again."""
        self.unseen = None
        self.scroll_end(animate=False, immediate=True, force=True, x_axis=False)

    def lines_changed(self) -> None:
        following = self.unseen
        super().lines_changed()
        self.unseen = following

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        at_end = round(new_value) >= self.max_scroll_y
        if at_end and not self.may_follow:
            return
        if at_end != (self.unseen is None):
            self.unseen = None if at_end else 0
            self.post_message(self.FollowChanged())

    def on_resize(self, event: Resize) -> None:
        following = self.unseen is None
        super().on_resize(event)
        if following:
            self.to_end()
