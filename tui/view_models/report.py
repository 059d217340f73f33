"""A deployment's heading and report lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from core.status import DeploymentStatus, ReportLine
from tui.view_models.glyphs import TONE_OF, Glyphs, State
from tui.view_models.text import Line, Span, Tone, cell, width_of, wrapped

_STATES: Mapping[str, State] = {
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


def heading(environment: str, deployment: DeploymentStatus | None, now: float, glyphs: Glyphs) -> Line:
    """Which run it is, what it does, how it goes and for how long it has."""
    if deployment is None:
        return (Span(f"{environment} has not been deployed yet: D deploys it", "dim"),)
    state = _STATES.get(deployment.state, "unknown")
    took = (deployment.ended or now) - deployment.started
    return (
        Span(f"Deployment {deployment.number} of {environment}", "strong"),
        Span(f"   {deployment.action}   ", "dim"),
        glyphs.mark(state),
        Span(f" {deployment.state}", TONE_OF[state]),
        Span(f"   {_clock(took)}"),
        Span(f"   by {deployment.owner}" if deployment.owner else "", "dim"),
    )


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


def _clock(seconds: float) -> str:
    whole = max(int(seconds), 0)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
