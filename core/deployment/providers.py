"""Which provider an environment's machines come from."""

from __future__ import annotations

from pathlib import Path

from core.clouds.base import Cloud
from core.model.environment import Environment
from core.model.provider import Inventory, Nspawn, OpenStack, Simulated
from core.store.home import home_identity
from core.store.store import Store


def open_cloud(environment: Environment, store: Store, artifacts: Path) -> Cloud:
    """The environment's provider; `artifacts` is the cache that machines on this box may see."""
    provider, home = environment.provider, store.home
    if isinstance(provider, Nspawn):
        return _nspawn(provider, environment.name, home, artifacts)
    if isinstance(provider, Inventory):
        return _inventory(provider, environment.name, home)
    if isinstance(provider, Simulated):
        return _simulated(environment.name, home)
    return _openstack(provider, environment.name, store)


def _openstack(provider: OpenStack, environment: str, store: Store) -> Cloud:
    from core.clouds.openstack.names import Marks
    from core.clouds.openstack.provider import OpenStackCloud

    identity = store.environments.ensure(environment).id.replace("-", "")[:12]
    return OpenStackCloud(Marks(environment, identity, home_identity(store.home)), provider)


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
