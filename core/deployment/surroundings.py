"""What the variables of an environment's applications depend on: its document, endpoints and secrets."""

from __future__ import annotations

from functools import partial

from core.containers.variables import Resolver, Surroundings, Variables
from core.containers.vault import Vault
from core.deployment.context import EnvironmentContext
from core.deployment.endpoints import recorded_endpoints
from core.model.connections import Holder

_CONNECTION = "connection:"
"""What the store's keys of addresses that connections were given begin with."""

_INSTALLED = "installed:"
"""What the store's keys of what classes of applications were called for begin with."""


def surroundings(context: EnvironmentContext) -> Surroundings:
    """The surroundings of every component of the environment."""

    def found(key: str, prefix: str) -> str | None:
        value: str | None = context.store.values.get(context.name, key.partition("/")[0], f"{prefix}{key}")
        return value

    def put(key: str, value: str, prefix: str) -> None:
        context.store.values.set(context.name, key.partition("/")[0], f"{prefix}{key}", value)

    return Surroundings(
        declaration=context.environment,
        recorded=lambda component: recorded_endpoints(context, component),
        vault=Vault(context.keys / "secrets"),
        kept=partial(found, prefix=_CONNECTION),
        keep=partial(put, prefix=_CONNECTION),
        noted=partial(found, prefix=_INSTALLED),
        note=partial(put, prefix=_INSTALLED),
    )


def variables_of(context: EnvironmentContext, holder: Holder) -> Variables:
    """The values of a component that is deployed already."""
    return Resolver(surroundings(context), holder, making=True).all(holder.applications)
