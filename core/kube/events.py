"""Events: what the cluster's parts say about objects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from core.kube import paths
from core.kube.access import Cluster
from core.kube.rows import EventRow
from core.kube.words import event_time

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def recent_warnings(cluster: Cluster, namespace: str, names: Collection[str], count: int) -> Sequence[EventRow]:
    """The last warnings about objects with these names, oldest first."""
    events = await cluster.list(paths.events(namespace), EventRow, fields="type=Warning")
    found = [event for event in events if event.involved_object.name in names]
    return sorted(found, key=lambda event: event_time(event) or _LONG_AGO)[-count:]


def event_text(event: EventRow) -> str:
    """An event in a line: what it is about, why, and what was said."""
    return f"{event.involved_object.name}: {event.reason}: {event.message}"
