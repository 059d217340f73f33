"""Logs: what is asked for, and what comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.live.objects import ClusterRef, Target

RecordKind = Literal["line", "restarted", "lost"]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Logs that are asked for: of these pods and workloads, or of all pods of a namespace that `labels` match.

    `since` is a count of seconds back from now, `tail` a count of lines for each container, at least 1.
    `previous` wants the container's run before the present one, which ends. `container` is a name, "" for all.
    """

    targets: tuple[Target, ...] = ()
    clusters: tuple[ClusterRef, ...] = ()
    namespace: str = ""
    labels: str = ""
    container: str = ""
    since: float | None = None
    tail: int | None = None
    previous: bool = False
    follow: bool = True


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where a line comes from: a pod's container, or a unit of a machine (then `pod` is the machine)."""

    cluster: ClusterRef
    namespace: str
    pod: str
    container: str


@dataclass(slots=True)
class LogRecord:
    """A line, or something that happened to its source; `time` is in nanoseconds since the epoch.

    Sources are shared between records: compare them by identity where speed matters.
    """

    source: LogSource
    time: int
    text: str
    kind: RecordKind = "line"
