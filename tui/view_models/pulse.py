"""The pulse: the health of everything on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.live.objects import ClusterRef
from core.live.tables import LiveRow
from core.live.views import Usage
from core.status import ComponentStatus
from tui.view_models.board import Branch
from tui.view_models.glyphs import TONE_OF, Glyphs, State
from tui.view_models.health import component_state, environment_state, environment_word
from tui.view_models.live_table import cpu_text, memory_text, sparkline
from tui.view_models.text import EMPTY, Line, Span, cell, fit, spread

_ORDER: tuple[State, ...] = ("failed", "degraded", "working", "ready", "unknown", "stale")
_BAR = 12


@dataclass(slots=True)
class Beat:
    """What is counted of a cluster: its pods by state, its newest warnings, what it uses; `trouble` why nothing is."""

    pods: Counter[State] = field(default_factory=Counter)
    warnings: Sequence[str] = ()
    trouble: str = ""


def newest_warnings(events: Iterable[LiveRow], now: float, most: int = 3, within: float = 3600) -> list[str]:
    """The newest warnings of the last hour, in words."""
    found: list[tuple[float, str]] = []
    for event in events:
        last = event.row.series.last_observed_time if event.row.series else None
        seen = last or event.row.last_timestamp or event.row.event_time or event.row.metadata.creation_timestamp
        if seen is not None and now - seen.timestamp() < within:
            about = event.row.involved_object
            found.append((seen.timestamp(), f"{about.kind} {about.name}: {event.row.reason}, {event.row.message}"))
    return [text for _, text in sorted(found, reverse=True)[:most]]


def pulse_lines(
    branches: Iterable[Branch],
    beats: Mapping[ClusterRef, Beat],
    usages: Mapping[ClusterRef, Usage],
    glyphs: Glyphs,
    *,
    width: int,
    now: float,
) -> list[Line]:
    """An environment a paragraph: itself, its clusters with nodes, pods and use, what is wrong with its parts."""
    lines: list[Line] = []
    for branch in branches:
        lines += [_environment(branch, width, now, glyphs)]
        for component in branch.status.components:
            if component.kind == "KubernetesCluster":
                ref = ClusterRef(branch.status.environment, component.name)
                lines += _cluster(branch, component, beats.get(ref, Beat()), usages.get(ref), glyphs)
        lines += [*_wrong(branch, glyphs), EMPTY]
    return [fit(line, width, glyphs.cut) for line in lines] or [(Span("no environments yet", "dim"),)]


def _environment(branch: Branch, width: int, now: float, glyphs: Glyphs) -> Line:
    state: State = "stale" if branch.lost is not None else environment_state(branch.status)
    word = branch.staleness(now) or environment_word(branch.status)
    left: Line = (
        glyphs.mark(state),
        Span(f" {branch.status.environment}", "strong"),
        Span(f"   {word}", TONE_OF[state]),
    )
    badge = "simulated" if branch.status.simulated else branch.status.provider
    return spread(left, (Span(badge, "badge" if branch.status.simulated else "dim"),), width, glyphs.cut)


def _cluster(branch: Branch, cluster: ComponentStatus, beat: Beat, usage: Usage | None, glyphs: Glyphs) -> list[Line]:
    state = component_state(branch.status, cluster)
    ready = sum(node.ready for node in cluster.nodes)
    head = (Span("  "), glyphs.mark(state), Span(f" {cell(cluster.name, 16, glyphs.cut)}"))
    nodes: Line = (Span("no nodes yet   ", "dim"),)
    if cluster.nodes:
        nodes = (*_share(ready, len(cluster.nodes), glyphs), Span(" nodes   "))
    lines: list[Line] = [(*head, *nodes, *_pods(beat, glyphs), *_usage(usage, glyphs))]
    lines += [
        (Span("      "), glyphs.mark("degraded"), Span(f" {glyphs.fold(text)}", "warn")) for text in beat.warnings[:3]
    ]
    if beat.trouble:
        lines.append((Span("      "), glyphs.mark("stale"), Span(f" {glyphs.fold(beat.trouble)}", "stale")))
    return lines


def _share(part: int, whole: int, glyphs: Glyphs) -> Line:
    filled = _BAR * part // whole if whole else 0
    tone = TONE_OF["ready" if part == whole else "degraded"]
    return (
        Span(glyphs.bar * filled, tone),
        Span(glyphs.groove * (_BAR - filled), "dim"),
        Span(f" {part}/{whole}", tone if whole else "dim"),
    )


def _pods(beat: Beat, glyphs: Glyphs) -> Line:
    spans: list[Span] = []
    for state in _ORDER:
        if beat.pods[state]:
            spans += [glyphs.mark(state), Span(f" {beat.pods[state]}  ", TONE_OF[state])]
    return (*spans, Span("pods   ")) if spans else EMPTY


def _usage(usage: Usage | None, glyphs: Glyphs) -> Line:
    if usage is None or not usage.available or not usage.nodes:
        return EMPTY
    cpu = _sums([[point.cpu for point in points] for points in usage.nodes.values()])
    memory = _sums([[float(point.memory) for point in points] for points in usage.nodes.values()])
    return (
        Span(f"CPU {sparkline(cpu, glyphs)} {cpu_text(cpu[-1])}   " if cpu else "", "accent"),
        Span(f"memory {sparkline(memory, glyphs)} {memory_text(memory[-1])}" if memory else "", "accent"),
    )


def _sums(series: Sequence[Sequence[float]]) -> list[float]:
    """The sum of several series at each of their newest times."""
    length = min((len(values) for values in series), default=0)
    return [sum(values[len(values) - length + at] for values in series) for at in range(length)]


def _wrong(branch: Branch, glyphs: Glyphs) -> list[Line]:
    lines: list[Line] = []
    for component in branch.status.components:
        for condition in component.conditions:
            if condition.status != "True":
                text = f" {component.name}: {condition.type}, {condition.message or condition.reason}"
                lines.append((Span("    "), glyphs.mark("degraded"), Span(glyphs.fold(text), "warn")))
    return lines
