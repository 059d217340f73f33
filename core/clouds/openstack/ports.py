"""Ports: made before their server, so that an address is known before the boot and outlives what is replaced."""

from __future__ import annotations

from dataclasses import dataclass

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Gone, Taken
from core.clouds.openstack.listing import port_row
from core.clouds.openstack.making import Maker
from core.clouds.openstack.names import MACHINE, Marks
from core.clouds.openstack.network import Place
from core.clouds.openstack.records import Machines, Port
from core.engine.errors import Refusal
from core.engine.step import Report


@dataclass(frozen=True, slots=True)
class PortWish:
    """A machine's port: where, in which groups; `address` is the one it had, None to be given any."""

    machine: str
    place: Place
    groups: tuple[str, ...]
    address: str | None = None


class Ports:
    """Makes, corrects and removes machines' ports."""

    def __init__(self, calls: Calls, maker: Maker, marks: Marks) -> None:
        self._calls = calls
        self._maker = maker
        self._marks = marks

    async def ensure(self, wish: PortWish, found: Machines, report: Report) -> Port:
        """The machine's port, in exactly its groups.

        Raises:
            Refusal: the address is somebody else's.
        """
        name = self._marks.port_name(wish.machine)
        there = [port for port in found.ports if port.name == name]
        if len(there) > 1:
            ids = ", ".join(port.id for port in there)
            raise Refusal(f"there are {len(there)} ports {name}: {ids}", where=wish.machine, fix="remove all but one")
        if not there:
            return await self._make(wish, name, report)
        await self.regroup(wish.machine, there[0], wish.groups, report)
        return there[0]

    async def regroup(self, machine: str, port: Port, groups: tuple[str, ...], report: Report) -> None:
        """Put a port into exactly these groups, where somebody has changed them."""
        if port.groups == tuple(sorted(groups)):
            return
        report(f"port of {machine}: its security groups were changed by hand, put right", "warning")
        await self._calls.do(lambda cloud: cloud.network.update_port(port.id, security_groups=list(groups)))

    async def delete(self, port: Port) -> None:
        """Remove a port; one that is gone already is no trouble."""
        try:
            await self._calls.do(lambda cloud: cloud.network.delete_port(port.id, ignore_missing=True))
        except Gone:
            return

    async def _make(self, wish: PortWish, name: str, report: Report) -> Port:
        fixed = {"subnet_id": wish.place.subnet} | ({"ip_address": wish.address} if wish.address else {})
        try:
            made = await self._maker.make(
                "port",
                name=name,
                network_id=wish.place.network,
                fixed_ips=[fixed],
                security_groups=list(wish.groups),
                tags=(f"{MACHINE}={wish.machine}",),
            )
        except Taken as taken:
            fix = f"free {wish.address}, or destroy the environment and deploy it anew"
            raise Refusal(f"its address is taken: {taken.what}", where=wish.machine, fix=fix) from taken
        port = port_row(made)
        report(f"port of {wish.machine} has address {port.address}")
        return port
