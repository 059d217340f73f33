"""Tables of live objects: the core's columns, with what the console adds to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from core.live.objects import ClusterRef
from core.live.tables import Column as LiveColumn
from core.live.tables import Health, LiveRow, SourceState, TableQuery, TableShape
from core.live.views import Usage, UsagePoint
from tui.view_models.glyphs import Glyphs, State
from tui.view_models.health import age
from tui.view_models.table import Column, Table, natural

STATE_OF: Mapping[Health, State] = {
    "good": "ready",
    "busy": "working",
    "warn": "degraded",
    "bad": "failed",
    "done": "unknown",
    "unknown": "stale",
}

_TELLING = ("STATUS", "READY", "TYPE", "PHASE")
_NAME = "NAME"
_NAMESPACE = "NAMESPACE"
_MEASURED = {"Pod", "Node"}

Usages = Mapping[ClusterRef, Usage]


def live_table(shape: TableShape, query: TableQuery, usages: Usages, glyphs: Glyphs) -> Table[LiveRow]:
    """An empty table of this shape: the name first, a cluster's or a namespace's column where there are several."""
    columns = [_column(column) for column in shape.columns]
    columns.sort(key=lambda column: column.title != _NAME)
    if len(query.namespaces) == 1 or not shape.kind.namespaced:
        columns = [column for column in columns if column.title != _NAMESPACE]
    if len(query.clusters) > 1:
        columns.insert(1, Column("CLUSTER", lambda row, now: str(row.cluster), lambda row: (str(row.cluster),)))
    if shape.kind.kind in _MEASURED:
        ages = next((number for number, column in enumerate(columns) if column.ages), len(columns))
        columns[ages:ages] = _usage_columns(usages, shape.kind.kind, glyphs)
    table = Table(columns, lambda row: STATE_OF[shape.health(row)])
    if shape.kind.kind == "Event":
        _newest_first(table)
    return table


def haystack(row: LiveRow, table: Table[LiveRow]) -> str:
    """What a filter looks at: name, namespace, cluster and what tells the state."""
    words = [row.name, row.namespace, str(row.cluster)]
    words += [column.text(row, 0) for column in table.columns if column.tells]
    if row.kind.kind == "Event":
        words += [column.text(row, 0) for column in table.columns if column.title in ("OBJECT", "REASON", "MESSAGE")]
    return " ".join(words)


def staleness(sources: Sequence[SourceState], now: float) -> str:
    """What of a table is not current, with its age and when it is tried again; empty where everything is."""
    lost = [source for source in sources if source.since is not None]
    if not lost:
        return ""
    source = lost[0]
    others = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
    retry = f", again in {max(int(source.retry - now), 0)} s" if source.retry is not None else ""
    since = source.since if source.since is not None else now
    return f"{source.cluster}{others} stale {age(now - since)}{retry}: {source.trouble}"


def sparkline(values: Sequence[float], glyphs: Glyphs, width: int = 8) -> str:
    """The newest values as bars of one cell each, the greatest one full."""
    newest = values[-width:]
    most = max(newest, default=0) or 1
    steps = len(glyphs.sparks) - 1
    return "".join(glyphs.sparks[round(max(value, 0) / most * steps)] for value in newest).rjust(width)


def cpu_text(cores: float) -> str:
    """Processors as Kubernetes writes them: "250m", "1.5"."""
    return f"{cores * 1000:.0f}m" if cores < 1 else f"{cores:.1f}"


def memory_text(size: float) -> str:
    """Bytes in the unit that leaves two or three digits."""
    for unit in ("", "Ki", "Mi", "Gi"):
        if size < 1024:
            return f"{size:.0f}{unit}"
        size /= 1024
    return f"{size:.1f}Ti"


def _column(column: LiveColumn) -> Column[LiveRow]:
    sort = column.sort
    if column.title == _NAME:
        sort = _by_name
    return Column(
        column.title,
        column.text,
        sort,
        wide=column.wide,
        right=column.right,
        ages=column.ages,
        tells=column.title in _TELLING,
    )


def _by_name(row: LiveRow) -> tuple[str, str]:
    return (natural(row.name), row.namespace)


def _newest_first(table: Table[LiveRow]) -> None:
    ages = next((number for number, column in enumerate(table.columns) if column.ages), None)
    if ages is not None:
        table.sort_by(ages)


def _usage_columns(usages: Usages, kind: str, glyphs: Glyphs) -> list[Column[LiveRow]]:
    def points(row: LiveRow) -> Sequence[UsagePoint]:
        usage = usages.get(row.cluster)
        if usage is None or not usage.available:
            return ()
        return usage.nodes.get(row.name, ()) if kind == "Node" else usage.pods.get(f"{row.namespace}/{row.name}", ())

    def shown(value: Callable[[UsagePoint], float], text: Callable[[float], str]) -> Callable[[LiveRow, float], str]:
        def told(row: LiveRow, now: float) -> str:
            found = points(row)
            if not found:
                return ""
            return f"{sparkline([value(point) for point in found], glyphs)} {text(value(found[-1])):>5}"

        return told

    def newest(value: Callable[[UsagePoint], float]) -> Callable[[LiveRow], tuple[float]]:
        return lambda row: (-value(points(row)[-1]) if points(row) else 1.0,)

    return [
        Column("CPU", shown(_cpu, cpu_text), newest(_cpu), right=True),
        Column("MEMORY", shown(_memory, memory_text), newest(_memory), right=True),
    ]


def _cpu(point: UsagePoint) -> float:
    return point.cpu


def _memory(point: UsagePoint) -> float:
    return point.memory
