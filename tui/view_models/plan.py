"""A plan: what is worth a second look, the votes before and after, then machine by machine each step with its diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.runs_api import PlanChange, PlanStep, Preview, Quorum
from tui.view_models.glyphs import Glyphs
from tui.view_models.text import EMPTY, Line, Span, Tone, counted, wrapped

KEYS = (("enter", "Open or close a step"), ("a", "All of them"), ("D", "Deploy"), ("esc", "Back"))
"""The plan's own keys."""

_MARKS: Mapping[str, tuple[str, Tone]] = {
    "create": ("+", "good"),
    "update": ("~", "warn"),
    "delete": ("-", "bad"),
    "start": ("▸", "working"),
    "restart": ("↻", "warn"),
    "stop": ("■", "warn"),
    "run": ("▸", "working"),
    "wait": ("…", "dim"),
}
_DIFF: Mapping[str, Tone] = {"+": "good", "-": "bad", "@": "working"}
_FEW = 6
"""So many lines of a diff are shown of a step that is closed."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A line of the plan, and the step that it belongs to, "" where it belongs to none."""

    line: Line
    step: str = ""


def plan_heading(environment: str, preview: Preview | None, glyphs: Glyphs) -> Line:
    """How much is to be done, on how many machines, for how long, and that nothing has happened yet."""
    head: Line = (Span(f" Plan of {environment}", "title"),)
    if preview is None or not preview.steps:
        return head
    badge: Line = (Span("   "), Span(" SIMULATED ", "badge")) if preview.simulated else EMPTY
    targets = len({step.target for step in preview.steps})
    words = f"   {counted(len(preview.steps), 'step')} on {counted(targets, 'target')}"
    words += f"   about {clock(preview.seconds)}" if preview.seconds else "   no estimate yet: nothing like it was done"
    return (*head, *badge, Span(glyphs.fold(words), "strong"), Span("   nothing has been touched yet", "dim"))


def plan_rows(
    preview: Preview | None, trouble: str, opened: frozenset[str], width: int, glyphs: Glyphs
) -> list[PlanRow]:
    """The plan's lines; of a step that is not opened only the first lines of its diff."""
    if trouble:
        lines = wrapped((glyphs.mark("failed"), Span(" ")), glyphs.fold(trouble), width, "bad")
        return [PlanRow(line) for line in lines]
    if preview is None:
        return [PlanRow((Span("looking at the machines, comparing them with the document", "dim"),))]
    if not preview.steps:
        return [PlanRow((glyphs.mark("ready"), Span(" nothing to do: everything is as declared")))]
    rows = [PlanRow(line) for line in _warnings(preview, width, glyphs)]
    for target in dict.fromkeys(step.target for step in preview.steps):
        steps = [step for step in preview.steps if step.target == target]
        rows += [PlanRow(_target(target, steps)), *_steps(steps, opened, width, glyphs), PlanRow(EMPTY)]
    return rows


def clock(seconds: float | None) -> str:
    """Hours, minutes and seconds."""
    whole = max(int(seconds or 0), 0)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _warnings(preview: Preview, width: int, glyphs: Glyphs) -> list[Line]:
    lines: list[Line] = []
    for risk in preview.risks:
        lines += wrapped((glyphs.mark("degraded"), Span(" ")), glyphs.fold(risk), width, "warn")
    lines += [_quorum(quorum, glyphs) for quorum in preview.quorums]
    return [*lines, EMPTY] if lines else []


def _quorum(quorum: Quorum, glyphs: Glyphs) -> Line:
    worse = quorum.tolerates_after < quorum.tolerates_before
    text = (
        f" etcd of {quorum.cluster}: voters {quorum.voters_before} → {quorum.voters_after}, "
        f"tolerates the loss of {quorum.tolerates_before} → {quorum.tolerates_after}"
    )
    names = f"   joining {', '.join(quorum.joining)}" if quorum.joining else ""
    names += f"   leaving {', '.join(quorum.leaving)}" if quorum.leaving else ""
    mark = glyphs.mark("degraded" if worse else "ready")
    return (mark, Span(glyphs.fold(text), "warn" if worse else "text"), Span(names, "dim"))


def _target(target: str, steps: Sequence[PlanStep]) -> Line:
    known = [step.seconds for step in steps if step.seconds]
    about = f"   about {clock(sum(known))}" if known else ""
    return (Span(target, "title"), Span(f"   {counted(len(steps), 'step')}{about}", "dim"))


def _steps(steps: Sequence[PlanStep], opened: frozenset[str], width: int, glyphs: Glyphs) -> Iterator[PlanRow]:
    for step in steps:
        arrow = glyphs.opened if step.id in opened else glyphs.closed
        seconds = f"   {step.seconds:.0f} s" if step.seconds else ""
        head = (Span(f"  {arrow} "), Span(f"{step.phase:<12}", "dim"), Span(glyphs.fold(step.title), "strong"))
        yield PlanRow((*head, Span(seconds, "dim")), step.id)
        if step.trouble:
            lines = wrapped(
                (Span("      "), glyphs.mark("unknown"), Span(" ")), glyphs.fold(step.trouble), width, "warn"
            )
            yield from (PlanRow(line, step.id) for line in lines)
        yield from _changes(step, step.id in opened, width, glyphs)


def _changes(step: PlanStep, opened: bool, width: int, glyphs: Glyphs) -> Iterator[PlanRow]:
    lines = [line for change in step.changes for line in _change(change, width, glyphs)]
    shown = lines if opened or len(lines) <= _FEW + 1 else lines[:_FEW]
    yield from (PlanRow(line, step.id) for line in shown)
    if len(shown) < len(lines):
        yield PlanRow((Span(f"        {glyphs.cut} {len(lines) - len(shown)} more lines", "dim"),), step.id)


def _change(change: PlanChange, width: int, glyphs: Glyphs) -> list[Line]:
    mark, tone = _MARKS.get(change.action, ("~", "text"))
    hidden = "   (content hidden)" if change.secret else ""
    lines: list[Line] = [
        (Span(f"      {glyphs.fold(mark)} ", tone), Span(glyphs.fold(change.subject), tone), Span(hidden, "dim"))
    ]
    for text in change.diff:
        lines += wrapped((Span("          "),), glyphs.fold(text), width, _DIFF.get(text[:1], "dim"))
    return lines
