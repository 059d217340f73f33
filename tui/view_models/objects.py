"""The heading of a table of live objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.live.tables import SourceState
from tui.view_models.glyphs import Glyphs
from tui.view_models.live_table import staleness
from tui.view_models.object_view import ObjectView
from tui.view_models.text import Line, Span, spread, wrapped


@dataclass(frozen=True, slots=True)
class Shown:
    """What a table shows: `rows` of `total`, so many `marked`; `depth` tables lie on each other."""

    view: ObjectView | None
    rows: int = 0
    total: int = 0
    marked: int = 0
    only_faults: bool = False
    trouble: str = ""
    sources: Sequence[SourceState] = ()
    depth: int = 1


def objects_heading(shown: Shown, width: int, now: float, glyphs: Glyphs) -> list[Line]:
    """What is shown, of which clusters and namespaces, how it is narrowed; below it what is wrong or not current."""
    view = shown.view
    if view is None:
        return [(Span("objects: select something of a cluster that was deployed", "dim"),)]
    left = [Span(view.title or view.query.resource, "strong"), Span(f"   {_places(view)}", "dim")]
    if view.filter:
        left += [Span("   filter: ", "dim"), Span(view.filter, "match")]
    left += [Span("   only what is wrong", "warn")] if shown.only_faults else []
    left += [Span(f"   {shown.marked} marked", "accent")] if shown.marked else []
    lines = [spread(tuple(left), (Span(_counts(shown), "dim"),), width, glyphs.cut)]
    if shown.trouble:
        lines += wrapped((glyphs.mark("failed"), Span(" ")), glyphs.fold(shown.trouble), width, "bad")
    lost = staleness(shown.sources, now)
    if lost:
        lines += wrapped((glyphs.mark("stale"), Span(" ")), glyphs.fold(lost), width, "stale")
    return lines


def placeholder(view: ObjectView | None, empty: bool = False) -> str:
    """What stands where no row is."""
    if view is None:
        return ""
    if not empty:
        return f"reading {view.query.resource}"
    return "nothing fits the filter" if view.filter else f"no {view.query.resource} here"


def _places(view: ObjectView) -> str:
    query = view.query
    clusters = str(query.clusters[0]) if len(query.clusters) == 1 else f"{len(query.clusters)} clusters"
    namespaces = ", ".join(query.namespaces) if query.namespaces else "all namespaces"
    parts = [clusters, namespaces, query.labels, query.fields if not view.title else ""]
    return "   ".join(part for part in parts if part)


def _counts(shown: Shown) -> str:
    reading = shown.sources and not all(source.synced for source in shown.sources)
    count = f"{shown.rows:,}" if shown.rows == shown.total else f"{shown.rows:,} of {shown.total:,}"
    return f"reading {count}" if reading else count
