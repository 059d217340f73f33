"""Floating addresses: made together with what they lead to, so that none is left over when that fails."""

from __future__ import annotations

from collections.abc import Sequence

from core.clouds.base import MachineWish
from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Gone, Taken
from core.clouds.openstack.listing import floating_row
from core.clouds.openstack.making import Maker
from core.clouds.openstack.names import MACHINE, Marks
from core.clouds.openstack.network import Networks
from core.clouds.openstack.records import Floating, Machines, Port
from core.engine.errors import Refusal
from core.engine.step import Report


def wants(wish: MachineWish) -> bool:
    """Whether a machine shall have a floating address."""
    return dict(wish.options).get("floating") == "true"


def misfits(wishes: Sequence[MachineWish], found: Machines, marks: Marks) -> list[tuple[MachineWish, Port]]:
    """The machines with a port that have a floating address and shall have none, or the other way round."""
    ports = [(wish, found.port(marks.port_name(wish.name))) for wish in wishes]
    led_to = {one.port for one in found.floating}
    return [(wish, port) for wish, port in ports if port is not None and (port.id in led_to) != wants(wish)]


class FloatingAddresses:
    """Gives floating addresses to ports and takes them back; those of others stay as they are."""

    def __init__(self, calls: Calls, maker: Maker, networks: Networks) -> None:
        self._calls = calls
        self._maker = maker
        self._networks = networks

    async def ensure(self, machine: str, port: Port, found: Machines, report: Report) -> Floating:
        """The port's floating address: the one it has, else the machine's that was detached, else a new one.

        Raises:
            Refusal: there is no external network or no way to it, or somebody else's address is on the port.
        """
        for one in found.floating:
            if one.port == port.id:
                return one
        try:
            return await self._attach(machine, port, found, report)
        except Gone as gone:
            fix = "put a router between the machines' network and the external one, or set floating_ip to false"
            raise Refusal(f"no floating address for it: {gone.what}", where=machine, fix=fix) from gone
        except Taken as taken:
            raise await self._foreign(machine, port, taken) from taken

    async def put_right(self, misfit: tuple[MachineWish, Port], found: Machines, report: Report) -> None:
        """Give a machine the floating address that it shall have, or take away the one it shall not have."""
        wish, port = misfit
        if wants(wish):
            await self.ensure(wish.name, port, found, report)
            return
        for one in found.floating:
            if one.port == port.id:
                report(f"{wish.name} shall have no floating address any more: {one.address} is given back")
                await self.delete(one)

    async def delete(self, floating: Floating) -> None:
        """Give an address back; one that is gone already is no trouble."""
        try:
            await self._calls.do(lambda cloud: cloud.network.delete_ip(floating.id, ignore_missing=True))
        except Gone:
            return

    async def _attach(self, machine: str, port: Port, found: Machines, report: Report) -> Floating:
        loose = [one for one in found.floating if one.port is None and one.machine == machine]
        if loose:
            made = await self._calls.do(lambda cloud: cloud.network.update_ip(loose[0].id, port_id=port.id))
            report(f"{machine} gets its floating address {loose[0].address} back")
            return floating_row(made)
        outside = await self._networks.external()
        if outside is None:
            raise Gone("the cloud shows no external network")
        made = await self._maker.make(
            "ip", floating_network_id=outside.id, port_id=port.id, tags=(f"{MACHINE}={machine}",)
        )
        one = floating_row(made)
        report(f"{machine} has floating address {one.address}")
        return one

    async def _foreign(self, machine: str, port: Port, taken: Taken) -> Refusal:
        """Why a port takes no floating address of ours."""
        there = await self._calls.ask(lambda cloud: [floating_row(one) for one in cloud.network.ips(port_id=port.id)])
        if not there:
            return Refusal(taken.what, where=machine)
        return Refusal(
            f"its port has floating address {there[0].address}, which was not given by this environment",
            where=machine,
            fix="detach it from the port, or set floating_ip to false",
        )
