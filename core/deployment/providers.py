"""Which provider an environment's machines come from."""

from __future__ import annotations

from pathlib import Path

from core.clouds.base import Cloud
from core.engine.errors import Refusal
from core.model.environment import Environment
from core.model.provider import Inventory, Nspawn, Simulated


def open_cloud(environment: Environment, home: Path, artifacts: Path) -> Cloud:
    """The environment's provider; `artifacts` is the cache that machines on this box may see.

    Raises:
        Refusal: this version cannot use that provider.
    """
    provider = environment.provider
    if isinstance(provider, Nspawn):
        return _nspawn(provider, environment.name, home, artifacts)
    if isinstance(provider, Inventory):
        return _inventory(provider, environment.name, home)
    if isinstance(provider, Simulated):
        return _simulated(environment.name, home)
    raise Refusal(
        f"this version cannot get machines from the provider {provider.kind}",
        where=environment.name,
        fix="use nspawn, inventory or simulated",
    )


def _nspawn(provider: Nspawn, environment: str, home: Path, artifacts: Path) -> Cloud:
    from core.clouds.nspawn.provider import NspawnCloud

    return NspawnCloud(
        environment,
        home,
        provider.subnet,
        image=provider.image,
        bridge=provider.bridge,
        memory=provider.memory,
        cpus=float(provider.cpus) if provider.cpus else None,
        artifacts=artifacts,
    )


def _inventory(provider: Inventory, environment: str, home: Path) -> Cloud:
    from core.clouds.inventory import InventoryCloud, InventoryHost

    hosts = [
        InventoryHost(
            name=machine.label,
            address=machine.address,
            roles=machine.roles,
            user=machine.user,
            port=machine.port,
            jump=machine.jump,
            host_key=machine.host_key,
        )
        for machine in provider.machines
        if machine.roles != ("jump",)
    ]
    return InventoryCloud(environment, home, hosts)


def _simulated(environment: str, home: Path) -> Cloud:
    from core.clouds.simulated.provider import SimulatedCloud

    return SimulatedCloud(environment, home)
