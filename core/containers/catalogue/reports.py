"""What a person is told of an application when it runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.containers.catalogue.library import library
from core.model.catalogue import Entry
from core.model.container import Application
from core.model.endpoint import Endpoint
from core.model.scope import Scope


def application_lines(application: Application, endpoints: Iterable[Endpoint]) -> list[str]:
    """Where an application of the catalogue is reached by those whom it is for; none for one of no entry."""
    entry = library().entries.get(application.catalogue or "")
    if entry is None or not entry.reports:
        return []
    mine = [one for one in endpoints if one.application == application.name and one.scope is one.port_scope]
    lines = list(_lines(entry, application.name, mine))
    return lines or [f"{entry.title} {application.name} is not reachable from outside"]


def _lines(entry: Entry, name: str, endpoints: list[Endpoint]) -> Iterator[str]:
    for report in entry.reports:
        for one in endpoints:
            if one.container_port == report.port and one.scope >= Scope.CLOUD:
                yield f"{entry.title} {name}: {report.text.format(address=one.place)}"
