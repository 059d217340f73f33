"""Which logs are read, and a log's records as lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.live.logs import LogQuery, LogRecord, LogSource
from core.live.objects import ClusterRef
from tui.view_models.host_log import host_records
from tui.view_models.log_buffer import Entry
from tui.view_models.table_lines import short_age

if TYPE_CHECKING:
    from core.console_api import ConsoleApi

TAIL = 500
"""Lines of each container to begin with, where no time is asked for."""

SINCE: tuple[tuple[str, float | None, str], ...] = (
    ("0", None, "The newest lines"),
    ("2", 60, "The last minute"),
    ("3", 300, "The last 5 minutes"),
    ("4", 900, "The last 15 minutes"),
    ("5", 1800, "The last 30 minutes"),
    ("6", 3600, "The last hour"),
    ("7", 86400, "The last day"),
)
"""k9s' keys for how far back a log is read, in seconds (None: the newest lines, whenever they were written)."""

KEYS = (
    ("/", "Search"),
    ("n", "Next"),
    ("x", "Only these"),
    ("h", "Highlight"),
    ("w", "Wrap"),
    ("t", "Times"),
    ("f", "JSON"),
    ("m", "Mark"),
    ("c", "Copy"),
    ("S", "Save"),
    ("0-7", "Since"),
)
"""The keys of a log."""

UNITS = ("kubelet", "containerd", "etcd", "haproxy")
"""The services of a machine that have logs."""


@dataclass(frozen=True, slots=True)
class LogFeed:
    """Logs of pods (`query`), of a machine's service (`unit`) or of a Docker host (`host`); `title` says of what.

    `application` is one of the host's, "" for all of them.
    """

    title: str
    query: LogQuery = field(default_factory=LogQuery)
    cluster: ClusterRef | None = None
    machine: str = ""
    unit: str = ""
    environment: str = ""
    host: str = ""
    application: str = ""

    def open(self, api: ConsoleApi) -> AsyncIterator[Sequence[LogRecord]]:
        """The records, batch by batch."""
        if self.host:
            place = f"{self.host}/{self.application}" if self.application else self.host
            return host_records(api.logs(self.environment, place), self.environment, self.host)
        live = api.live
        if self.cluster is not None and self.unit:
            return live.service_logs(self.cluster, self.machine, self.unit, tail=TAIL)
        return live.logs(self.query)

    def since(self, seconds: float | None) -> LogFeed:
        """The same logs from so many seconds ago on."""
        tail = TAIL if seconds is None else None
        return replace(self, query=replace(self.query, since=seconds, tail=tail))

    def of_container(self, name: str) -> LogFeed:
        """The same pods, this container's log alone, or all for ""."""
        return replace(self, query=replace(self.query, container=name))

    def of_unit(self, unit: str) -> LogFeed:
        """The same machine, another service."""
        return replace(self, unit=unit)

    @property
    def previous(self) -> LogFeed:
        """What the run before the last restart wrote, or again what the present one writes."""
        return replace(self, query=replace(self.query, previous=not self.query.previous))

    @property
    def words(self) -> str:
        """What is read of it: container, run, time."""
        if self.unit:
            return self.unit
        if self.host:
            return f"on {self.host}" if self.application else "all containers"
        parts = [self.query.container or "all containers"]
        parts += ["before the restart"] if self.query.previous else []
        parts += [f"since {short_age(self.query.since)}"] if self.query.since is not None else []
        return "   ".join(parts)


class RecordNames:
    """Records → lines; each source is given its name once."""

    def __init__(self) -> None:
        # Keyed by identity, which is quick; the sources are kept so that no identity is given twice.
        self._names: dict[int, tuple[LogSource, str]] = {}
        self._clusters: set[ClusterRef] = set()

    @property
    def containers(self) -> list[str]:
        """The containers that told something."""
        return sorted({source.container for source, _ in self._names.values() if source.container})

    @property
    def pods(self) -> int:
        """How many pods told something."""
        return len({(source.cluster, source.namespace, source.pod) for source, _ in self._names.values()})

    def entries(self, records: Iterable[LogRecord]) -> list[Entry]:
        """The lines of these records; what happened to a source becomes a rule."""
        return [
            Entry(self._name(record.source), record.time / 1e9, record.text)
            if record.kind == "line"
            else Entry("", record.time / 1e9, self._event(record))
            for record in records
        ]

    def _name(self, source: LogSource) -> str:
        known = self._names.get(id(source))
        if known is None:
            parts = (str(source.cluster) if self._several(source) else "", source.pod, source.container)
            known = self._names[id(source)] = (source, "/".join(part for part in parts if part))
        return known[1]

    def _several(self, source: LogSource) -> bool:
        self._clusters.add(source.cluster)
        return len(self._clusters) > 1

    def _event(self, record: LogRecord) -> str:
        name = self._name(record.source)
        words = {"restarted": "restarted", "lost": "lost", "back": "is back", "ended": "ended"}.get(record.kind, "")
        return f"{name} {words}" + (f": {record.text}" if record.text else "")
