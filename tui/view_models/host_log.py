"""The log of a Docker host's containers as records: the façade tells it as lines, each after its application's name."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from core.live.logs import LogRecord, LogSource
from core.live.objects import ClusterRef

_RULE = re.compile(r"── (?P<name>\S+): (?P<what>.*) ──")
"""What happened to an application, between its lines."""

_BEGUN = {"restarted": "", "made anew": "it was made anew"}


async def host_records(
    lines: AsyncIterator[str], environment: str, host: str
) -> AsyncGenerator[Sequence[LogRecord], None]:
    """The records of these lines; the host stands for a cluster, and no line has a time."""
    sources: dict[str, LogSource] = {}
    async for line in lines:
        rule = _RULE.fullmatch(line)
        name, _, text = (rule["name"], "", "") if rule else line.partition("  ")
        source = sources.setdefault(name, LogSource(ClusterRef(environment, host), "", name, ""))
        yield (_event(source, rule["what"]) if rule else LogRecord(source, 0, text),)


def _event(source: LogSource, what: str) -> LogRecord:
    if what in _BEGUN:
        return LogRecord(source, 0, _BEGUN[what], "restarted")
    return LogRecord(source, 0, what, "lost")
