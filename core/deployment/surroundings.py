"""What the variables of an environment's applications depend on: its document, endpoints and secrets."""

from __future__ import annotations

from core.containers.variables import Resolver, Surroundings, Variables
from core.containers.vault import Vault
from core.deployment.context import EnvironmentContext
from core.deployment.endpoints import recorded_endpoints
from core.model.connections import Holder

_CONNECTION = "connection:"
"""What the store's keys of addresses that connections were given begin with."""


def surroundings(context: EnvironmentContext) -> Surroundings:
    """The surroundings of every component of the environment."""
    values = context.store.values
    return Surroundings(
        declaration=context.environment,
        recorded=lambda component: recorded_endpoints(context, component),
        vault=Vault(context.keys / "secrets"),
        kept=lambda key: values.get(context.name, key.partition("/")[0], f"{_CONNECTION}{key}"),
        keep=lambda key, place: values.set(context.name, key.partition("/")[0], f"{_CONNECTION}{key}", place),
    )


def variables_of(context: EnvironmentContext, holder: Holder) -> Variables:
    """The values of a component that is deployed already."""
    return Resolver(surroundings(context), holder, making=True).all(holder.applications)
