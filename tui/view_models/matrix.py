"""The matrix of a run: a line a machine, a column a phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.view_models.glyphs import TONE_OF, Glyphs, State
from tui.view_models.health import worst
from tui.view_models.run_view import RunView, StepView
from tui.view_models.text import Line, Span, cell

_NAMES = 16
_LEAST = 4
_GAP = 2


@dataclass(frozen=True, slots=True)
class Columns:
    """The phases that are shown, and how wide each is; `more` says that others are to the right."""

    phases: tuple[str, ...]
    width: int
    more: bool


def columns_of(run: RunView, width: int, left: int = 0) -> Columns:
    """Every phase if there is room for it, if need be with a shorter name; else those from number `left` on."""
    phases = run.phases[left:]
    room = max(width - _NAMES - 4, _LEAST + _GAP)
    longest = max((len(phase) for phase in phases), default=_LEAST)
    wanted = min(longest, max(room // max(len(phases), 1) - _GAP, _LEAST))
    fit = max(room // (wanted + _GAP), 1)
    return Columns(tuple(phases[:fit]), wanted, len(phases) > fit)


def matrix_head(columns: Columns, glyphs: Glyphs) -> Line:
    """The phases' names."""
    names = (Span(cell(phase, columns.width, glyphs.cut) + " " * _GAP, "dim") for phase in columns.phases)
    return (Span(" " * (_NAMES + 2)), *names, Span(glyphs.cut if columns.more else "", "dim"))


def matrix_line(run: RunView, target: str, columns: Columns, chosen: str, glyphs: Glyphs) -> Line:
    """A machine's fields: glyph and, where there is room, a word; `chosen` is the phase that has the cursor."""
    name = cell(target or "environment", _NAMES, glyphs.cut)
    state = worst(step.state for step in run.steps.values() if step.target == target)
    spans = [glyphs.mark(state), Span(f" {name}", "strong" if state != "ready" else "text")]
    for phase in columns.phases:
        spans += _field(run.at(target, phase), columns.width, phase == chosen, glyphs)
    return tuple(spans)


def _field(steps: Sequence[StepView], width: int, chosen: bool, glyphs: Glyphs) -> list[Span]:
    if not steps:
        return [Span(("[ ]" if chosen else "").ljust(width + _GAP), "key" if chosen else "dim")]
    state = worst(step.state for step in steps)
    word = _word(steps, state) if width >= 8 else ""
    text = cell(f"{glyphs.states[state]} {word}" if word else glyphs.states[state], width, glyphs.cut)
    if chosen:
        text = f"[{text.rstrip()}]".ljust(width + _GAP)[: width + _GAP]
    return [Span(text.ljust(width + _GAP), TONE_OF[state])]


def _word(steps: Sequence[StepView], state: State) -> str:
    """What a person wants to read in a field that is not simply ready or wanted."""
    if state in ("ready", "wanted"):
        return ""
    return next(step.outcome for step in steps if step.state == state).split(" ")[0]
