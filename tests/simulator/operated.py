"""An environment with an operator's way to its machines: what someone may have done to them by hand."""

from __future__ import annotations

from pathlib import Path

from core.cluster.etcd import etcdctl, members
from core.cluster.membership import Member
from core.deployment.context import EnvironmentContext
from core.engine.errors import Transient
from core.machines.connection import Connection
from core.model.document import parse
from core.store.store import Store
from tests.simulator.lab import Lab


class OperatedLab(Lab):
    """Environment lab; to be closed."""

    def __init__(self, home: Path, store: Store, text: str) -> None:
        super().__init__(home, store)
        self._context = EnvironmentContext(store, parse(text, "lab.yaml"))

    async def link(self, name: str) -> Connection:
        """The connection to a machine."""
        return await self._context.connections.get(name)

    async def ctl(self, command: str, name: str = "kube-1") -> str:
        """Run etcdctl on a machine."""
        return await etcdctl(await self.link(name), command)

    async def members(self) -> dict[str, Member]:
        """The members by name."""
        return {member.name: member for member in await members(await self.link("kube-1"))}

    async def peer(self, name: str) -> str:
        """A machine's peer URL."""
        return f"https://{(await self.machines())[name]}:2380"

    async def add_learner(self, name: str) -> None:
        """A member is added, and nothing more; etcd takes that only after some quiet."""
        await self.until(lambda alpha: all(member.healthy for member in alpha.etcd.members))
        command = f"member add {name} --learner --peer-urls={await self.peer(name)}"
        while True:
            try:
                await self.ctl(command)
                return
            except Transient as refusal:
                assert "unhealthy cluster" in str(refusal)

    async def close(self) -> None:
        """Close the connections."""
        await self._context.close()
