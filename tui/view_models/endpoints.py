"""Endpoints of the selection as table rows."""

from __future__ import annotations

from collections.abc import Sequence

from core.status import EndpointStatus
from tui.view_models.glyphs import Glyphs
from tui.view_models.text import Line, Span, Tone, table, table_width
from tui.view_models.tree import TreeLine

_HEADER = ("application", "address", "port", "scope", "port scope", "container", "protocol")
_DISPENSABLE = ("port scope", "protocol", "container")
"""The columns that a narrow screen does without, the first one first: an address is never cut for them."""

_ORDER = ("public", "cloud", "internal", "host")
_TONES: dict[str, Tone] = {"public": "accent", "cloud": "strong"}


def endpoints_of(line: TreeLine, endpoints: Sequence[EndpointStatus]) -> list[EndpointStatus]:
    """The endpoints that belong to the selected line, the widest scope of an application first."""
    names = _components(line)
    found = [endpoint for endpoint in endpoints if endpoint.component in names]
    return sorted(found, key=_order)


def endpoint_lines(
    line: TreeLine, endpoints: Sequence[EndpointStatus] | None, width: int, glyphs: Glyphs
) -> list[Line]:
    """A table, or a sentence where there is nothing to list; `None` says that they have not been read yet."""
    if endpoints is None:
        return [(Span("reading endpoints", "dim"),)]
    found = endpoints_of(line, endpoints)
    if not found:
        return [(Span("no endpoints: nothing here is published", "dim"),)]
    several = len({endpoint.component for endpoint in found}) > 1
    header = ["component", *_HEADER] if several else list(_HEADER)
    rows = [_row(endpoint, several) for endpoint in found]
    for column in _DISPENSABLE:
        if table_width(header, rows) > width:
            number = header.index(column)
            del header[number]
            rows = [[*row[:number], *row[number + 1 :]] for row in rows]
    return table(header, rows, width, glyphs.cut)


def _components(line: TreeLine) -> set[str]:
    components = line.environment.components
    if line.component is None:
        return {component.name for component in components}
    name = line.component.name
    return {name, *(component.name for component in components if component.cluster == name)}


def _order(endpoint: EndpointStatus) -> tuple[str, str, int, int, str]:
    rank = _ORDER.index(endpoint.scope) if endpoint.scope in _ORDER else len(_ORDER)
    return (endpoint.component, endpoint.application, endpoint.container_port, rank, endpoint.address)


def _row(endpoint: EndpointStatus, several: bool) -> list[Span]:
    tone = _TONES.get(endpoint.scope, "text")
    row = [
        Span(endpoint.application),
        Span(endpoint.address, tone),
        Span(str(endpoint.port), tone),
        Span(endpoint.scope, tone),
        Span(endpoint.port_scope, "dim"),
        Span(str(endpoint.container_port), "dim"),
        Span(endpoint.protocol.upper(), "dim"),
    ]
    return [Span(endpoint.component, "strong"), *row] if several else row
