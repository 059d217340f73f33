"""Operations on live objects as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.view_models.glyphs import TONE_OF, Glyphs
from tui.view_models.table_lines import short_age
from tui.view_models.text import EMPTY, Line, Span, wrapped

if TYPE_CHECKING:
    from tui.operations import Operation


def operation_lines(operations: Sequence[Operation], now: float, width: int, glyphs: Glyphs) -> list[Line]:
    """Every operation with its sentences, the newest operation first."""
    lines = [line for operation in reversed(operations) for line in _one(operation, now, width, glyphs)]
    return lines or [(Span("nothing was done yet", "dim"),)]


def _one(operation: Operation, now: float, width: int, glyphs: Glyphs) -> list[Line]:
    took = short_age((operation.ended if operation.ended is not None else now) - operation.started)
    lines: list[Line] = [
        (glyphs.mark(operation.state), Span(f" {operation.title}", "strong"), Span(f"   {took}", "dim"))
    ]
    for state, text in operation.told:
        tone = TONE_OF[state] if state != "ready" else "text"
        lines += wrapped((Span("    "), glyphs.mark(state), Span(" ")), glyphs.fold(text), width, tone)
    return [*lines, EMPTY]
