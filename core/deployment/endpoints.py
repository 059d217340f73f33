"""The book of endpoints: an environment's part of the store."""

from __future__ import annotations

from collections.abc import Sequence

from core.deployment.context import EnvironmentContext
from core.model.endpoint import Endpoint
from core.model.scope import Protocol, Scope
from core.store.endpoints import EndpointRecord


def record_endpoints(context: EnvironmentContext, component: str, endpoints: Sequence[Endpoint]) -> None:
    """Replace a component's endpoints in the book."""
    records = [
        EndpointRecord(
            component=one.component,
            application=one.application,
            address=one.address,
            port=one.port,
            scope=str(one.scope),
            port_scope=str(one.port_scope),
            container_port=one.container_port,
            protocol=str(one.protocol),
        )
        for one in endpoints
    ]
    context.store.endpoints.replace(context.name, component, records)


def recorded_endpoints(context: EnvironmentContext, component: str) -> list[Endpoint]:
    """A component's endpoints as they were last recorded."""
    return [
        Endpoint(
            component=record.component,
            application=record.application,
            address=record.address,
            port=record.port,
            scope=Scope(record.scope),
            port_scope=Scope(record.port_scope),
            container_port=record.container_port,
            protocol=Protocol(record.protocol),
        )
        for record in context.store.endpoints.list(context.name)
        if record.component == component
    ]
