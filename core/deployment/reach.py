"""How the operator gets to a machine: at which address, and through which other one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.deployment.identity import host_key
from core.engine.errors import Trouble, Unreachable
from core.machines.access import Access
from core.model.environment import Environment
from core.model.provider import Bastion, Inventory, InventoryMachine, OpenStack, Reach
from core.store.machines import MachineRecord

BASTION = "bastion"
"""The jump of machines behind the provider's bastion; no machine is called so, as a name has no blank around it."""


@dataclass(frozen=True, slots=True)
class Way:
    """An address to dial; `jump` is the machine whose address it is dialled from, None for the operator's own."""

    address: str
    jump: str | None = None


def way(reach: Reach, record: MachineRecord, gateways: Sequence[MachineRecord]) -> Way:
    """The way to a machine of a cloud; `gateways` are those that others may be reached through, best first.

    Raises:
        Unreachable: it leads through a gateway, and none is there yet.
    """
    fixed = record.address or ""
    if reach == "direct":
        return Way(fixed)
    if reach == "bastion":
        return Way(fixed, BASTION)
    if record.floating and (reach == "floating" or record.role == "gateway"):
        return Way(record.floating)
    if record.role == "gateway" and not any(gateway.floating for gateway in gateways):
        return Way(fixed)
    through = next((gateway for gateway in gateways if gateway.name != record.name and gateway.address), None)
    if through is None:
        raise Unreachable("the way leads through a gateway, and none is there yet", where=record.name)
    return Way(fixed, through.name)


class Ways:
    """The ways to an environment's machines; `records` lists what is known of them."""

    def __init__(self, environment: Environment, keys: Path, records: Callable[[], Sequence[MachineRecord]]) -> None:
        self._environment = environment
        self._keys = keys
        self._records = records

    def access(self, name: str) -> Access:
        """How a machine is reached. Raises `Trouble` where it is not known."""
        record = next((record for record in self._records() if record.name == name), None)
        if record is None or record.address is None or record.host_key is None:
            raise Trouble("this machine has no address yet", where=name, fix="deploy the environment")
        declared = self.declared(record.cloud_id)
        found = self.way(record)
        return Access(
            name=name,
            address=found.address,
            port=record.port,
            user=record.user,
            host_key=record.host_key,
            login_key=Path(declared.key_file).expanduser() if declared else self._keys / "login",
            jump=self._jump(found.jump),
        )

    def way(self, record: MachineRecord) -> Way:
        """The address of a machine and what leads to it."""
        provider = self._environment.provider
        if isinstance(provider, OpenStack):
            return way(provider.reach, record, self._gateways(record))
        return Way(record.floating or record.address or "", record.jump)

    def declared(self, identity: str | None) -> InventoryMachine | None:
        """The machine of an inventory that has this label."""
        provider = self._environment.provider
        if not isinstance(provider, Inventory):
            return None
        return next((machine for machine in provider.machines if machine.label == identity), None)

    def pinned(self, machine: str, identity: str | None, known: str | None) -> str:
        """The host key that a machine must show: the declared one, the known one, or one made now."""
        declared = self.declared(identity)
        return declared.host_key if declared else known or host_key(self._keys, machine)

    def _gateways(self, record: MachineRecord) -> list[MachineRecord]:
        """The gateways, those of the machine's own component first, of each the one that was there first."""
        found = [one for one in self._records() if one.role == "gateway" and one.address]
        return sorted(found, key=lambda one: (not one.floating, one.component != record.component, one.index))

    def _jump(self, label: str | None) -> Access | None:
        if label is None:
            return None
        provider = self._environment.provider
        if isinstance(provider, OpenStack):
            return _bastion(provider) if label == BASTION else self.access(label)
        declared = self.declared(label)
        return _entry(declared.label, declared, self._jump(declared.jump)) if declared else None


def _bastion(provider: OpenStack) -> Access | None:
    if provider.bastion is None:
        return None
    # No machine of an environment has a name with a blank in it.
    return _entry(f"bastion {provider.bastion.address}", provider.bastion, None)


def _entry(name: str, declared: InventoryMachine | Bastion, jump: Access | None) -> Access:
    return Access(
        name=name,
        address=declared.address,
        port=declared.port,
        user=declared.user,
        host_key=declared.host_key,
        login_key=Path(declared.key_file).expanduser(),
        jump=jump,
    )
