"""Events."""

from __future__ import annotations

from datetime import datetime

from core.kube.rows.parts import Metadata, ObjectReference, Part


class EventSeries(Part, frozen=True):
    """An event that came again and again."""

    count: int = 0
    last_observed_time: datetime | None = None


class EventRow(Part, frozen=True):
    """An event; `type` is "Normal" or "Warning"."""

    metadata: Metadata
    involved_object: ObjectReference = ObjectReference()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    series: EventSeries | None = None
