"""A run's heading and its report lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.status import DeploymentStatus, ReportLine
from tui.view_models.glyphs import TONE_OF, Glyphs, State
from tui.view_models.plan import clock
from tui.view_models.run_view import RunView
from tui.view_models.text import Line, Span, Tone, cell, fit, width_of, wrapped

STATES: Mapping[str, State] = {
    "running": "working",
    "succeeded": "ready",
    "failed": "failed",
    "cancelled": "degraded",
    "interrupted": "degraded",
}
_PLAIN: tuple[State | None, Tone] = (None, "text")
_LEVELS: Mapping[str, tuple[State | None, Tone]] = {
    "error": ("failed", "bad"),
    "warning": ("degraded", "warn"),
}


def newest(deployments: Sequence[DeploymentStatus]) -> DeploymentStatus | None:
    """The run with the highest number."""
    return max(deployments, key=lambda deployment: deployment.number, default=None)


def run_heading(environment: str, run: RunView | None, width: int, now: float, glyphs: Glyphs) -> list[Line]:
    """Which run it is, how it goes, for how long it has and will; below it how far it is, then what failed."""
    if run is None:
        return [(Span(f"{environment} has not been deployed yet: D deploys it", "dim"),)]
    first = _first(environment, run, now, glyphs)
    if width_of(first) > width:
        # The environment and what was done stand above already.
        first = tuple(span for span in first if span.text.strip() not in (run.deployment.action, f"of {environment}"))
    lines = [fit(first, width, glyphs.cut)]
    if run.steps:
        lines.append(_progress(run, width, glyphs))
    for step in run.failed[:3]:
        text = f"{step.target}: {step.title}: {(step.told or [''])[-1]}"
        lines += wrapped((glyphs.mark("failed"), Span(" ")), glyphs.fold(text), width, "bad")
    if run.failed and not run.running:
        lines.append((Span("  r runs it again: what is done already is not done twice", "dim"),))
    return lines


def report_lines(line: ReportLine, width: int, glyphs: Glyphs) -> list[Line]:
    """A report line wrapped below its text; its level is a mark, a colour and, where it matters, a word."""
    state, tone = _LEVELS.get(line.level, _PLAIN)
    mark = glyphs.mark(state) if state else Span(" ")
    moment = datetime.fromtimestamp(line.time).strftime("%H:%M:%S")
    room = 14 if width >= 90 else 10
    head: Line = (Span(f"{moment} ", "dim"), mark, Span(f" {cell(line.component, room, glyphs.cut)} ", "accent"))
    word = f"{line.level}: " if tone in ("bad", "warn") else ""
    below: Line = (Span(" " * width_of(head)),)
    lines: list[Line] = []
    for part in (word + line.text).splitlines() or [""]:
        lines += wrapped(below if lines else head, glyphs.fold(part), width, tone)
    return lines


def _first(environment: str, run: RunView, now: float, glyphs: Glyphs) -> Line:
    deployment = run.deployment
    state = STATES.get(deployment.state, "unknown")
    word = "cancelling" if run.cancelling and run.running else deployment.state
    took = clock((deployment.ended if deployment.ended is not None else now) - deployment.started)
    left = run.remaining(now) if run.running else None
    about = f" of about {clock(now - deployment.started + left)}" if left is not None else ""
    return (
        Span(f"Deployment {deployment.number}", "strong"),
        Span(f" of {environment}", "strong"),
        Span(f"   {deployment.action}", "dim"),
        Span("   "),
        glyphs.mark(state),
        Span(f" {word}", TONE_OF[state]),
        Span(f"   {took}{about}"),
        Span(f"   by {deployment.owner}" if deployment.owner else "", "dim"),
    )


def _progress(run: RunView, width: int, glyphs: Glyphs) -> Line:
    """A static bar: so many of the steps that are known are over."""
    count = f"  {run.done} of {len(run.steps)} steps"
    room = max(min(width - len(count), 60), 8)
    filled = room * run.done // len(run.steps)
    tone: Tone = "bad" if run.failed else "good" if not run.running else "working"
    return (Span(glyphs.bar * filled, tone), Span(glyphs.groove * (room - filled), "dim"), Span(count, "strong"))
