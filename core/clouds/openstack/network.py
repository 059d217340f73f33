"""The network that machines are on: one of the environment's own with subnet and router, or one that exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Gone, Taken
from core.clouds.openstack.listing import network_row, router_row, subnet_row
from core.clouds.openstack.making import Maker
from core.clouds.openstack.names import Marks
from core.clouds.openstack.records import Ground, Network, Router, Subnet
from core.engine.errors import Refusal
from core.engine.step import Change, Report
from core.model.provider import OpenStack


@dataclass(frozen=True, slots=True)
class Place:
    """Where machines' ports are made: ids, and the subnet's range."""

    network: str
    subnet: str
    cidr: str


class Networks:
    """Looks at and lays the machines' network; what existed before is used and never changed."""

    def __init__(self, calls: Calls, maker: Maker, marks: Marks, wanted: OpenStack) -> None:
        self._calls = calls
        self._maker = maker
        self._marks = marks
        self._wanted = wanted
        self._external: Network | None = None

    @property
    def own(self) -> bool:
        """Whether the network is the environment's own."""
        return self._wanted.network is None

    async def changes(self, ground: Ground) -> list[Change]:
        """What is still to be made of the environment's own network."""
        if not self.own:
            return []
        found = []
        if not ground.networks:
            found.append(Change("create", f"network {self._marks.name('net')}"))
        if not ground.subnets:
            found.append(Change("create", f"subnet {self._marks.name('subnet')}", after=self._wanted.subnet))
        if not self._joined(ground) and await self._wants_router():
            found.append(Change("create", f"way out of {self._marks.name('net')}", after=self._way_out()))
        return found

    async def lay(self, ground: Ground, report: Report) -> Place:
        """Make what is missing and say where machines go.

        Raises:
            Refusal: a network, subnet or router that the document names is not there.
        """
        if self._wanted.network is not None:
            return await self._existing(self._wanted.network)
        network = ground.networks[0] if ground.networks else network_row(await self._make_network(report))
        subnet = ground.subnets[0] if ground.subnets else subnet_row(await self._make_subnet(network, report))
        if not self._joined(ground) and await self._wants_router():
            await self._join(ground, subnet, report)
        return Place(network.id, subnet.id, subnet.cidr)

    async def external(self) -> Network | None:
        """The network of floating addresses: the one that is named, else the only one there is; None where none is.

        Raises:
            Refusal: the named one is not there or is no external one, or there are several to choose from.
        """
        if self._external is None:
            self._external = await self._find_external()
        return self._external

    async def _find_external(self) -> Network | None:
        outside = await self._calls.ask(
            lambda cloud: [network_row(one) for one in cloud.network.networks(is_router_external=True)]
        )
        name = self._wanted.external_network
        fitting = [one for one in outside if name is None or name in (one.name, one.id)]
        if len(fitting) == 1:
            return fitting[0]
        known = ", ".join(sorted(one.name for one in outside)) or "none"
        if name is not None:
            what = f"there is no external network {name}" if not fitting else f"several networks are called {name}"
            raise Refusal(what, where=self._where, fix=f"provider.external_network: one of {known}, or its id")
        if fitting:
            raise Refusal("there are several external networks", where=self._where, fix=f"name one of {known}")
        return None

    async def _existing(self, name: str) -> Place:
        network = await self._named("networks", name, network_row)
        subnets = await self._calls.ask(
            lambda cloud: [subnet_row(one) for one in cloud.network.subnets(network_id=network.id, ip_version=4)]
        )
        if not subnets:
            raise Refusal(f"network {name} has no IPv4 subnet", where=self._where, fix="choose another network")
        best = min(subnets, key=lambda one: (one.cidr != self._wanted.subnet, one.cidr))
        return Place(network.id, best.id, best.cidr)

    async def _named(self, kind: str, name: str, row: Any) -> Any:
        """What people call by a name or an id; a name that several have is no name."""

        def found(cloud: Any) -> list[Any]:
            by_name = [row(one) for one in getattr(cloud.network, kind)(name=name)]
            return by_name or [row(one) for one in getattr(cloud.network, kind)(id=name)]

        listed = await self._calls.ask(found)
        if len(listed) != 1:
            what = f"{len(listed) or 'no'} {kind} are called {name}"
            raise Refusal(what, where=self._where, fix="give the name of one that is there, or its id")
        return listed[0]

    @property
    def _where(self) -> str:
        return f"cloud {self._wanted.cloud}"

    def _joined(self, ground: Ground) -> bool:
        own = {network.id for network in ground.networks}
        return any(way.network in own for way in ground.ways)

    async def _wants_router(self) -> bool:
        return self._wanted.router is not None or await self.external() is not None

    def _way_out(self) -> str:
        return f"router {self._wanted.router or self._marks.name('router')}"

    async def _make_network(self, report: Report) -> Any:
        report(f"making network {self._marks.name('net')}")
        return await self._maker.make("network", name=self._marks.name("net"))

    async def _make_subnet(self, network: Network, report: Report) -> Any:
        report(f"making subnet {self._marks.name('subnet')}: {self._wanted.subnet}")
        return await self._maker.make(
            "subnet",
            name=self._marks.name("subnet"),
            network_id=network.id,
            ip_version=4,
            cidr=self._wanted.subnet,
            dns_nameservers=list(self._wanted.nameservers),
        )

    async def _join(self, ground: Ground, subnet: Subnet, report: Report) -> None:
        router = await self._router(ground, report)
        try:
            await self._calls.do(lambda cloud: cloud.network.add_interface_to_router(router.id, subnet=subnet.id))
        except Taken as taken:
            # An earlier call whose answer was lost has done it.
            report(f"router {router.name} has its interface already: {taken.what}")
        report(f"subnet {subnet.name} has a way out through router {router.name}")

    async def _router(self, ground: Ground, report: Report) -> Router:
        if self._wanted.router is not None:
            named: Router = await self._named("routers", self._wanted.router, router_row)
            return named
        if ground.routers:
            return ground.routers[0]
        outside = await self.external()
        if outside is None:
            raise Gone("there is no external network", where=self._where)
        report(f"making router {self._marks.name('router')} to {outside.name}")
        gateway = {"network_id": outside.id}
        return router_row(
            await self._maker.make("router", name=self._marks.name("router"), external_gateway_info=gateway)
        )
