"""Endpoints as a table, with what was found out about reaching them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.live.views import Reachability
from core.status import EndpointStatus
from tui.view_models.glyphs import State
from tui.view_models.table import Column, Table, natural

KEYS = (
    ("enter", "Can it be reached?"),
    ("a", "Can all?"),
    ("o", "Open in a browser"),
    ("c", "Copy"),
    ("F", "Port-forward"),
)
"""The keys of the endpoints."""


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint in the table."""

    endpoint: EndpointStatus

    @property
    def key(self) -> str:
        one = self.endpoint
        return f"{one.component}/{one.application}/{one.scope}/{one.address}:{one.port}/{one.protocol}"

    @property
    def url(self) -> str:
        """The address as a browser takes it, or with its protocol where that is no browser's."""
        one = self.endpoint
        host = f"[{one.address}]" if ":" in one.address else one.address
        scheme = {443: "https", 8443: "https", 6443: "https"}.get(one.container_port, "http")
        return f"{scheme}://{host}:{one.port}" if one.protocol.lower() == "tcp" else f"{host}:{one.port}/udp"


Found = Mapping[str, Reachability | None]
"""What was found out, by the endpoint's key; None while it is being found out."""


def endpoint_table(found: Found) -> Table[EndpointRow]:
    """An empty table of endpoints, by component and application; what was found out before what is rarely read."""

    def told(row: EndpointRow, now: float) -> str:
        if row.key not in found:
            return "not asked"
        result = found[row.key]
        return result.text if result is not None else "asking"

    return Table(
        [
            Column("APPLICATION", lambda row, now: row.endpoint.application, _order),
            Column("COMPONENT", lambda row, now: row.endpoint.component, lambda row: (row.endpoint.component,)),
            Column("ADDRESS", lambda row, now: row.endpoint.address, lambda row: (natural(row.endpoint.address),)),
            Column("PORT", lambda row, now: str(row.endpoint.port), lambda row: (row.endpoint.port,), right=True),
            Column("SCOPE", lambda row, now: row.endpoint.scope, lambda row: (row.endpoint.scope,)),
            Column("REACH", told, lambda row: (told(row, 0),), tells=True),
            Column("PORT SCOPE", lambda row, now: row.endpoint.port_scope,
                   lambda row: (row.endpoint.port_scope,), wide=True),
            Column("CONTAINER", lambda row, now: str(row.endpoint.container_port),
                   lambda row: (row.endpoint.container_port,), right=True),
            Column("PROTOCOL", lambda row, now: row.endpoint.protocol.upper(), lambda row: (row.endpoint.protocol,)),
            Column("", lambda row, now: "simulated" if row.endpoint.simulated else "", lambda row: ()),
        ],
        lambda row: reach_state(found, row.key),
    )  # fmt: skip


def reach_state(found: Found, key: str) -> State:
    """Whether an endpoint can be reached, as far as it was asked."""
    if key not in found:
        return "unknown"
    result = found[key]
    if result is None:
        return "working"
    return "unknown" if result.reachable is None else "ready" if result.reachable else "failed"


_SCOPES = ("public", "cloud", "internal", "host")


def _order(row: EndpointRow) -> tuple[str, str, int, int]:
    one = row.endpoint
    scope = _SCOPES.index(one.scope) if one.scope in _SCOPES else len(_SCOPES)
    return (one.component, one.application, one.container_port, scope)
