"""flanneld: leases a part of the pod network from etcd and writes it down for CNI."""

from __future__ import annotations

import asyncio

from core.simulator.network.flannel import PREFIX, Lease, lease
from core.simulator.network.routes import open_pod_network
from core.simulator.network.store import Access, Store, StoreErrors
from core.simulator.programs.base import Context, program

SUBNET_FILE = "/run/flannel/subnet.env"
_PAUSE = 0.2


@program("flanneld")
class Flanneld:
    """Ready when the machine has its subnet."""

    def __init__(self, context: Context) -> None:
        self._context = context
        options = ("etcd-endpoints", "etcd-cafile", "etcd-certfile", "etcd-keyfile")
        self._store = Store.open(context.world, context.machine, Access(*map(context.option, options)))

    async def start(self) -> None:
        """Ask for a subnet until there is one."""
        context = self._context
        while (found := self._lease()) is None:
            await asyncio.sleep(_PAUSE * context.world.pace)
        context.machine.files.write(context.option("subnet-file", SUBNET_FILE), found.environment())
        open_pod_network(context.machine)
        context.log(f"Wrote subnet file; running backend. Subnet: {found.subnet}")

    async def stop(self) -> None:
        """The lease and the file stay, as flanneld leaves them."""

    def _lease(self) -> Lease | None:
        context = self._context
        prefix = context.option("etcd-prefix", PREFIX)
        try:
            found = lease(self._store, context.option("iface", context.machine.address), prefix)
        except StoreErrors as error:
            context.log(f"Couldn't fetch network config: {error}")
            return None
        if found is None:
            context.log(f"Couldn't fetch network config: Key not found ({prefix}/config)")
        return found
