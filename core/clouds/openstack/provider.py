"""The provider `openstack` as the rest of the program sees it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from core.clouds.base import CloudMachine, MachineWish, Obstacle, OpenPort
from core.clouds.openstack import boot
from core.clouds.openstack.access import Login
from core.clouds.openstack.calls import Calls
from core.clouds.openstack.catalogue import Catalogue
from core.clouds.openstack.checks import Checks
from core.clouds.openstack.floating import FloatingAddresses, misfits, wants
from core.clouds.openstack.ground import Base, Grounds
from core.clouds.openstack.groups import Groups, role_wish, role_wishes
from core.clouds.openstack.listing import list_machines
from core.clouds.openstack.making import Maker
from core.clouds.openstack.names import Marks
from core.clouds.openstack.network import Networks
from core.clouds.openstack.ports import Ports, PortWish
from core.clouds.openstack.records import Floating, Machines, Port, Server
from core.clouds.openstack.removal import left, remove_ground, remove_groups
from core.clouds.openstack.seen import seen
from core.clouds.openstack.server_groups import ServerGroups
from core.clouds.openstack.servers import Servers
from core.clouds.openstack.sharing import Shared
from core.engine.errors import Transient
from core.engine.step import Change, Report
from core.machines.artifacts import Artifacts
from core.model.allocation import EVERY_PORT
from core.model.provider import OpenStack


class OpenStackCloud:
    """The machines of one environment as servers of a project.

    Every object carries the environment's mark and is looked for before it is made; nothing else is touched.
    """

    kind = "openstack"
    simulated = False
    keeps_machines = False
    gateway_ports = EVERY_PORT
    artifacts: Artifacts | None = None

    def __init__(self, marks: Marks, wanted: OpenStack, calls: Calls | None = None) -> None:
        self._marks = marks
        self._wanted = wanted
        self._calls = calls or Calls(Login(wanted.cloud, wanted.region, wanted.project))
        maker = Maker(self._calls, marks)
        self._networks = Networks(self._calls, maker, marks, wanted)
        self._groups = Groups(self._calls, maker, marks, wanted)
        self._server_groups = ServerGroups(self._calls, marks, wanted)
        self._grounds = Grounds(
            self._calls,
            marks,
            wanted,
            networks=self._networks,
            groups=self._groups,
            server_groups=self._server_groups,
        )
        self._catalogue = Catalogue(self._calls)
        self._checks = Checks(self._calls, wanted, self._catalogue, self._networks)
        self._ports = Ports(self._calls, maker, marks)
        self._floating = FloatingAddresses(self._calls, maker, self._networks)
        self._servers = Servers(self._calls, marks)
        self._all = Shared(lambda: list_machines(self._calls, marks))
        self._last: Machines | None = None
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def preflight(self, wishes: Sequence[MachineWish]) -> list[Obstacle]:
        """Say what stands in the way of these machines, with numbers; leaves nothing behind."""
        machines, ground = await asyncio.gather(self._look(), self._grounds.look())
        missing = self._grounds.lacking(role_wishes(wishes), ground)
        ports = sum(machines.port(self._marks.port_name(wish.name)) is not None for wish in wishes)
        return await self._checks.obstacles(wishes, ports, missing)

    async def machines(self) -> dict[str, CloudMachine]:
        """All machines of the environment by name; three calls, however many there are."""
        return seen(await self._look(), self._marks, self._wanted.user)

    async def create(self, wish: MachineWish, report: Report) -> CloudMachine:
        """Make the machine, or bring back to running what is there of it.

        Raises:
            Refusal: the cloud cannot make it as it is declared. Transient: it may be another time.
        """
        async with self._locks[wish.name]:
            base = await self._grounds.base(role_wish(wish), report)
            found = await self._look()
            port = await self._port(wish, base, found, report)
            floating = await self._floating_of(wish, port, found, report)
            server = await self._server(wish, base, port, found, report)
            known = Machines((server,), (replace(port, device=server.id),), (floating,) if floating else ())
            return seen(known, self._marks, self._wanted.user)[wish.name]

    async def delete(self, name: str, report: Report) -> None:
        """Take a machine away: floating address, server, port, in this order, and see that they are gone."""
        async with self._locks[name]:
            found = await self._look()
            port = found.port(self._marks.port_name(name))
            await asyncio.gather(*(self._give_back(one, report) for one in _floating_of(found, name, port)))
            await asyncio.gather(*(self._servers.delete(server, report) for server in found.servers_of(name)))
            if port is not None:
                await self._ports.delete(port)
            self._prove(name, await self._look())

    async def remove_all(self, report: Report) -> None:
        """Remove whatever carries the environment's mark, and prove by a last look that nothing does any more.

        Raises:
            Transient: something is still in use or still on its way out.
        """
        found = await self._look()
        await asyncio.gather(*(self._give_back(one, report) for one in found.floating))
        await asyncio.gather(*(self._servers.delete(server, report) for server in found.servers))
        await asyncio.gather(*(self._ports.delete(port) for port in found.ports))
        await remove_ground(self._calls, await self._grounds.everything(), report)
        rest = left(*await asyncio.gather(self._look(), self._grounds.everything()))
        if rest:
            raise Transient(f"still there: {', '.join(rest)}", where=f"cloud {self._wanted.cloud}")
        report(f"cloud {self._wanted.cloud} has nothing of {self._marks.environment} any more")

    async def close(self) -> None:
        await self._calls.close()

    async def ground_changes(self, wishes: Sequence[MachineWish]) -> list[Change]:
        """What is to be made or put right: network, groups, and what ports have of floating addresses and groups."""
        found = self._last or await self._look()
        changes = await self._grounds.changes(role_wishes(wishes))
        floating = misfits(wishes, found, self._marks)
        changes += [Change("update", f"floating address of {wish.name}") for wish, _ in floating]
        grouped = await self._regroupings(wishes, found)
        return changes + [Change("update", f"security groups of {name}") for name, _, _ in grouped]

    async def lay_ground(self, wishes: Sequence[MachineWish], report: Report) -> None:
        """Bring that about."""
        await self._grounds.lay(role_wishes(wishes), report)
        found = await self._look()
        floating, grouped = misfits(wishes, found, self._marks), await self._regroupings(wishes, found)
        await asyncio.gather(
            *(self._floating.put_right(one, found, report) for one in floating),
            *(self._ports.regroup(*one, report) for one in grouped),
        )
        self._last = None

    async def port_changes(self, component: str, ports: Sequence[OpenPort]) -> list[Change]:
        """Rules that differ from exactly these published ports."""
        ground, network = await self._grounds.look(), await self._grounds.range()
        return self._groups.port_changes(component, ports, ground, network)

    async def open_ports(self, component: str, ports: Sequence[OpenPort], report: Report) -> None:
        """Open exactly these published ports, and close what was open beside them."""
        ground, network = await self._grounds.look(fresh=True), await self._grounds.range()
        await self._groups.open_ports(component, ports, ground, network, report)
        self._grounds.forget()

    async def leftover_changes(self, component: str) -> list[Change]:
        """The groups of a component that has left."""
        ground = await self._grounds.look()
        groups = [Change("delete", f"security group {one.name}") for one in self._groups.of(component, ground)]
        return groups + [
            Change("delete", f"server group {one.name}") for one in self._server_groups.of(component, ground)
        ]

    async def clear(self, component: str, report: Report) -> None:
        """Remove the groups of a component that has left."""
        ground = await self._grounds.look(fresh=True)
        await remove_groups(self._calls, self._groups.of(component, ground), report)
        for group in self._server_groups.of(component, ground):
            await self._server_groups.delete(group)
        self._grounds.forget()

    async def console(self, name: str) -> str:
        """The last lines of a machine's console, empty where there is no such server."""
        servers = (await self._look()).servers_of(name)
        return await self._servers.console(servers[0]) if servers else ""

    async def _regroupings(
        self, wishes: Sequence[MachineWish], found: Machines
    ) -> list[tuple[str, Port, tuple[str, ...]]]:
        """The machines whose ports are in other groups than they shall be, with these."""
        ground = await self._grounds.look()
        pairs = [(wish, found.port(self._marks.port_name(wish.name))) for wish in wishes]
        wanted = [(wish.name, port, self._grounds.groups_of(role_wish(wish), ground)) for wish, port in pairs if port]
        return [(name, port, groups) for name, port, groups in wanted if port.groups != groups]

    async def _look(self) -> Machines:
        self._last = await self._all.look()
        return self._last

    async def _port(self, wish: MachineWish, base: Base, found: Machines, report: Report) -> Port:
        wanted = PortWish(wish.name, base.place, base.groups, dict(wish.options).get("address"))
        return await self._ports.ensure(wanted, found, report)

    async def _floating_of(self, wish: MachineWish, port: Port, found: Machines, report: Report) -> Floating | None:
        if wants(wish):
            return await self._floating.ensure(wish.name, port, found, report)
        await self._floating.put_right((wish, port), found, report)
        return None

    async def _server(self, wish: MachineWish, base: Base, port: Port, found: Machines, report: Report) -> Server:
        there = found.servers_of(wish.name)
        await boot.reattached(self._calls, there, port, report)

        async def make(generation: int) -> Server:
            fields = await boot.fields(
                wish, self._wanted, self._marks, self._catalogue, base=base, port=port, generation=generation
            )
            report(f"making server {fields['name']}")
            return await boot.made(self._calls, fields)

        return await self._servers.running(wish.name, there, wish.generation, make, report)

    async def _give_back(self, floating: Floating, report: Report) -> None:
        await self._floating.delete(floating)
        report(f"floating address {floating.address} is given back")

    def _prove(self, name: str, found: Machines) -> None:
        port = found.port(self._marks.port_name(name))
        rest = left(
            Machines(tuple(found.servers_of(name)), (port,) if port else (), tuple(_floating_of(found, name, port))),
            self._grounds.nothing,
        )
        if rest:
            raise Transient(f"still there: {', '.join(rest)}", where=name)


def _floating_of(found: Machines, machine: str, port: Port | None) -> list[Floating]:
    """The floating addresses that lead to a machine, or did."""
    return [
        one
        for one in found.floating
        if (port is not None and one.port == port.id) or (one.port is None and one.machine == machine)
    ]
