"""The field in which the tree's filter is typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class FilterLine(Input):
    """Narrows the tree with each letter; enter keeps the filter, escape drops it."""

    DEFAULT_CSS = """
    FilterLine { dock: bottom; height: 1; border: none; padding: 0 1; background: $cursor-resting; }
    FilterLine:focus { border: none; background: $cursor-background; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "Drop the filter", id="filter.drop"),
    ]

    def __init__(self, text: str, narrow: Callable[[str], None], end: Callable[[], Awaitable[None]]) -> None:
        super().__init__(text, placeholder="filter by name", compact=True)
        self._narrow = narrow
        self._end = end

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._narrow(event.value)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        await self._end()

    async def action_drop(self) -> None:
        self._narrow("")
        await self._end()
