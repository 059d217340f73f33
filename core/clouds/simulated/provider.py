"""The provider `simulated`: machines in the home's simulated world."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

from core.clouds.base import CloudMachine, MachineWish, Obstacle
from core.clouds.simulated.artifacts import StandInArtifacts
from core.engine.errors import Trouble
from core.engine.step import Report
from core.machines.artifacts import Artifacts
from core.model.allocation import PortRoom
from core.simulator.addresses import SSH_PORT
from core.simulator.client import Client
from core.simulator.messages import Quota, Seen, simulator_directory

_UNPRIVILEGED = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
_PRIVILEGED_BELOW = 1024
_UNUSED = "127.255.255.253"
"""An address of this box's loopback that nothing listens on."""


class SimulatedCloud:
    """Machines of one environment in the world of a home; its daemon is started when it is first asked."""

    kind = "simulated"
    simulated = True
    keeps_machines = False

    def __init__(self, environment: str, home: Path) -> None:
        self._environment = environment
        self._world = Client(home)
        self.artifacts: Artifacts | None = StandInArtifacts(simulator_directory(home))
        self.gateway_ports = PortRoom(lowest_port(), frozenset({SSH_PORT}))

    async def preflight(self, wishes: Sequence[MachineWish]) -> list[Obstacle]:
        """Say whether the quota allows these machines."""
        quota = await self._world.ask("quota", Quota, environment=self._environment)
        if quota.limit is None or quota.used + len(wishes) <= quota.limit:
            return []
        what = f"the quota allows {quota.limit} machines: there are {quota.used}, and {len(wishes)} more are needed"
        return [Obstacle(what, "declare fewer machines, or have the quota raised")]

    async def machines(self) -> dict[str, CloudMachine]:
        """All machines of the environment by name."""
        found = await self._world.ask("machines", list[Seen], environment=self._environment)
        return {seen.name: _machine(seen) for seen in found}

    async def create(self, wish: MachineWish, report: Report) -> CloudMachine:
        """Make the machine, or bring back to running what is there of it; one in error is made anew."""
        asked = {
            "environment": self._environment,
            "component": wish.component,
            "role": wish.role,
            "name": wish.name,
            "host_key": await asyncio.to_thread(_host_key, wish),
            "login_key": wish.login_key,
        }
        seen = await self._world.ask("create", Seen, wish=asked)
        report(f"machine {wish.name} runs at {seen.address}, simulated")
        return _machine(seen)

    async def delete(self, name: str, report: Report) -> None:
        """Remove the machine; one that is gone is fine."""
        if await self._world.ask("delete", bool, environment=self._environment, name=name):
            report(f"machine {name} is gone")

    async def remove_all(self, report: Report) -> None:
        """Remove every machine of the environment, and the faults that were injected into it."""
        await self._world.ask("remove", type(None), environment=self._environment)
        report("simulated machines and faults of the environment are gone")

    async def close(self) -> None:
        """The world outlives the console: there is nothing to close."""


def lowest_port() -> int:
    """The lowest port that simulated gateways can listen on; the user's own rights are all that they have."""
    try:
        first = int(_UNPRIVILEGED.read_text())
    except OSError:
        first = _PRIVILEGED_BELOW
    return 1 if first <= 1 or _may_bind(first - 1) else first


def _may_bind(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind((_UNUSED, port))
        except PermissionError:
            return False
    return True


def _host_key(wish: MachineWish) -> str:
    try:
        return wish.host_key.read_text()
    except OSError as error:
        what = f"the host key of {wish.name} cannot be read: {error.strerror}"
        raise Trouble(what, where=str(wish.host_key)) from error


def _machine(seen: Seen) -> CloudMachine:
    return CloudMachine(seen.name, seen.id, seen.status, seen.address, port=seen.port, fault=seen.fault)
