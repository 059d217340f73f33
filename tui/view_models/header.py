"""The one line at the top: where you are, how much there is, what is wrong."""

from __future__ import annotations

from tui.view_models.board import Board
from tui.view_models.glyphs import Glyphs
from tui.view_models.health import component_state, environment_state
from tui.view_models.text import EMPTY, Line, Span, counted, spread
from tui.view_models.tree import TreeLine

_WRONG = ("failed", "degraded")


def header_line(
    board: Board, selected: TreeLine | None, width: int, glyphs: Glyphs, read_only: frozenset[str] = frozenset()
) -> Line:
    """The program's name and the path of the selection left; counts and badges (simulated, read-only) right."""
    left: Line = (Span(" Gondolier ", "title"), Span("  "), *_path(selected, glyphs))
    right = (*_counts(board, glyphs, short=width < 100), *_badges(selected, read_only))
    return spread(left, (*right, Span(" ")), width, glyphs.cut)


def _path(selected: TreeLine | None, glyphs: Glyphs) -> Line:
    if selected is None:
        return EMPTY
    spans: list[Span] = []
    for part in selected.key:
        spans += [Span(f" {glyphs.crumb} ", "dim")] if spans else []
        spans.append(Span(part.replace("-", " ") if part == "control-plane" else part, "strong"))
    return tuple(spans)


def _counts(board: Board, glyphs: Glyphs, short: bool) -> Line:
    if not board.loaded:
        return (Span("reading environments", "dim"),)
    clusters = sum(component.kind == "KubernetesCluster" for branch in board for component in branch.status.components)
    words = f"{counted(len(board), 'environment')}  {counted(clusters, 'cluster')}"
    spans = [Span("" if short else words, "dim")]
    wrong = _wrong(board)
    if wrong:
        spans.append(Span(f"  {glyphs.states['degraded']} {wrong}" + ("" if short else " degraded"), "warn"))
    lost = sum(branch.lost is not None for branch in board)
    if lost:
        spans.append(Span(f"  {glyphs.states['stale']} {lost}" + ("" if short else " stale"), "stale"))
    return tuple(spans)


def _wrong(board: Board) -> int:
    """How many components are wrong, or environments where no component of theirs says so."""
    count = 0
    for branch in board:
        states = [component_state(branch.status, component) for component in branch.status.components]
        faults = sum(state in _WRONG for state in states)
        count += faults or environment_state(branch.status) in _WRONG
    return count


def _badges(selected: TreeLine | None, read_only: frozenset[str]) -> Line:
    if selected is None:
        return EMPTY
    environment = selected.environment
    words = ["SIMULATED"] if environment.simulated else []
    words += ["READ-ONLY"] if environment.environment in read_only else []
    return tuple(span for word in words for span in (Span("   "), Span(f" {word} ", "badge")))
