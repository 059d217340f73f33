"""A line in which something is typed: a filter, a search, a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester
from textual.widgets import Input


def _nothing(text: str) -> None:
    """What is not listened to."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is typed for: `title` stands before the line, `text` is in it already.

    `changed` hears each letter, `submitted` the text at the end, `dropped` that there is none. `suggest` gives the
    whole text that a beginning may become. `history` holds former texts, the newest last.
    """

    title: str
    text: str = ""
    hint: str = ""
    changed: Callable[[str], None] = _nothing
    submitted: Callable[[str], None] = _nothing
    dropped: Callable[[], None] = lambda: None
    suggest: Callable[[str], str | None] | None = None
    history: Sequence[str] = field(default=())


class _Suggestions(Suggester):
    """Completion out of a function that answers at once."""

    def __init__(self, suggest: Callable[[str], str | None]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._suggest = suggest

    async def get_suggestion(self, value: str) -> str | None:
        return self._suggest(value)


class PromptLine(Input):
    """Ends with enter, which keeps what was typed, or with escape, which drops it."""

    DEFAULT_CSS = """
    PromptLine { height: 1; border: none; padding: 0 1; background: $cursor-resting; }
    PromptLine:focus { border: none; background: $cursor-background; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "Drop it", id="prompt.drop"),
        Binding("up", "recall(-1)", "The one typed before", id="prompt.before"),
        Binding("down", "recall(1)", "The one typed after it", id="prompt.after"),
        Binding("tab", "complete", "Take what is suggested", id="prompt.complete"),
    ]

    def __init__(self, asked: Asked) -> None:
        suggester = _Suggestions(asked.suggest) if asked.suggest is not None else None
        super().__init__(asked.text, placeholder=asked.hint or asked.title, compact=True, suggester=suggester)
        self.asked = asked
        self._at = len(asked.history)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.asked.changed(event.value)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        await self._end()
        self.asked.submitted(event.value.strip())

    async def action_drop(self) -> None:
        await self._end()
        self.asked.dropped()

    def action_recall(self, step: int) -> None:
        history = self.asked.history
        self._at = max(0, min(self._at + step, len(history)))
        self.value = history[self._at] if self._at < len(history) else ""
        self.cursor_position = len(self.value)

    def action_complete(self) -> None:
        self.action_cursor_right()

    async def _end(self) -> None:
        await self.remove()
