"""Events (kubernetes/pkg/printers/internalversion: printEvent)."""

from __future__ import annotations

from core.kube.rows import EventRow
from core.kube.tables.columns import NAMESPACE, number, since, text
from core.kube.words import event_time
from core.live.tables import Health


def health(event: EventRow) -> Health:
    """Warnings are to be looked at."""
    return "warn" if event.type == "Warning" else "good"


def about(event: EventRow) -> str:
    """OBJECT as kubectl shows it: "pod/web-1"."""
    return f"{event.involved_object.kind.lower()}/{event.involved_object.name}"


def count(event: EventRow) -> int:
    """How often it came."""
    return event.series.count if event.series else event.count or 1


COLUMNS = (
    NAMESPACE,
    since("LAST SEEN", event_time),
    text("TYPE", lambda row: str(row.type)),
    text("REASON", lambda row: str(row.reason)),
    text("OBJECT", about),
    text("MESSAGE", lambda row: " ".join(row.message.split())),
    number("COUNT", count, wide=True),
)
