"""The simulated world: every machine of every environment, what is wrong with them, and their life."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from core.simulator import addresses
from core.simulator.etcd.clusters import load_clusters, prune
from core.simulator.etcd.ensemble import Ensemble
from core.simulator.faults import Faults
from core.simulator.keeping import Keeping
from core.simulator.machine.machine import Machine, Record, Wish
from core.simulator.machine.ports import LOOPBACK, Handler
from core.simulator.programs.base import load_programs
from core.simulator.shell.calls import load_commands
from core.simulator.ssh.server import Door
from core.simulator.usage import Usage
from core.store.home import private_directory

Result = TypeVar("Result")

RESUME_SECONDS = 0.5
"""How long opening a world waits for what runs on its machines."""

_log = logging.getLogger(__name__)


class World:
    """All machines by (environment, name), kept in `home`/simulator/world.db; opened by one process at a time.

    `ensembles` are the etcd clusters by identity (hexadecimal), `faults` what is wrong, `usage` who uses it. `pace`
    stretches everything that takes time (1 is quick). `shared` is for what programs of several machines have in common,
    by their own keys.
    """

    def __init__(self, keeping: Keeping) -> None:
        self.keeping = keeping
        self.machines: dict[tuple[str, str], Machine] = {}
        self.ensembles: dict[str, Ensemble] = {}
        self.faults = Faults()
        self.usage = Usage()
        self.shared: dict[str, Any] = {}
        kept = {key: value.decode() for key, value in keeping.items("world")}
        self.pace = float(kept.get("pace", "1"))
        self._tasks: set[asyncio.Task[Any]] = set()
        self._doors: dict[tuple[str, str], Door] = {}
        self._number, self._claim = addresses.claim(int(kept["number"]) if "number" in kept else None)

    def set_pace(self, pace: float) -> None:
        """Stretch what takes time so many times, from now on and at later starts."""
        self.pace = pace
        self.keeping.put("world", "pace", str(pace).encode())

    @property
    def network(self) -> str:
        """The network that its machines are in."""
        return f"127.{self._number}.0.0/16"

    @classmethod
    async def open(cls, home: Path) -> World:
        """Open the world of a home, or begin one: machines that had power run again.

        Raises:
            SimulatorError: another process has it.
        """
        world = cls(Keeping(private_directory(home / "simulator") / "world.db"))
        world.keeping.put("world", "number", str(world._number).encode())
        world._load()
        # Beside whoever waits for this: nobody needs programs before a machine was made.
        world.spawn(asyncio.to_thread(_load_all), "programs and commands")
        await world._resume()
        return world

    async def close(self) -> None:
        """End everything that runs here; the next `open` goes on from there."""
        await asyncio.gather(*(door.close() for door in self._doors.values()))
        await asyncio.gather(*(machine.suspend() for machine in self.machines.values()))
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self.keeping.close()
        self._claim.close()

    async def create(self, wish: Wish) -> Machine:
        """Make a machine and give it power, or give power to the one of that name."""
        machine = self.machines.get((wish.environment, wish.name)) or self._made(wish)
        await self.power_on(machine)
        return machine

    async def remove(self, environment: str, name: str) -> None:
        """Destroy a machine with its disk; one that is not there is gone already."""
        machine = self.machines.pop((environment, name), None)
        if machine is None:
            return
        await self._doors.pop(machine.key).close()
        await machine.halt()
        machine.forget()
        prune(self)

    async def power_on(self, machine: Machine) -> None:
        """Boot it; returns when SSH answers, unless a fault keeps it from that."""
        await machine.boot()
        await self._doors[machine.key].adjust()

    async def power_off(self, machine: Machine, *, orderly: bool = True) -> None:
        """Shut it down, or pull its plug."""
        if orderly:
            await machine.units.shut_down(orderly=True)
        await self._doors[machine.key].close()
        await machine.halt()

    async def reboot(self, machine: Machine) -> None:
        """Shut it down and boot it."""
        await self.power_off(machine)
        await self.power_on(machine)

    def holds(self, address: str) -> bool:
        """Whether an address is one of its machines', or could be."""
        return address.startswith(f"127.{self._number}.")

    def machine_at(self, address: str) -> Machine | None:
        """The machine that has this address."""
        return next((machine for machine in self.machines.values() if machine.address == address), None)

    def reach(self, machine: Machine, host: str, port: int) -> Handler | None:
        """Who answers a machine that connects to a host's port, None where the connection is refused."""
        if host in LOOPBACK or host == machine.address:
            return machine.ports.at(port, inside=True)
        other = self.machine_at(host)
        if other is not None:
            return other.ports.at(port, inside=False) if other.powered else None
        return machine.ports.routed(host, port)

    def spawn(self, work: Coroutine[Any, Any, Result], name: str) -> asyncio.Task[Result]:
        """Run something in the background until the world closes; an error of it is logged."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s failed", task.get_name(), exc_info=error)

    def _made(self, wish: Wish) -> Machine:
        taken = {machine.address for machine in self.machines.values()}
        address = addresses.free_address(self._number, taken)
        record = Record(wish, f"sim-{uuid.uuid4().hex[:12]}", uuid.uuid4().hex, address)
        machine = Machine(self, record)
        machine.install()
        self._add(machine)
        return machine

    def _add(self, machine: Machine) -> None:
        self.machines[machine.key] = machine
        self._doors[machine.key] = Door(machine)

    def _load(self) -> None:
        units = dict(self.keeping.items("units"))
        for _, kept in self.keeping.items("machines"):
            machine = Machine(self, msgspec.json.decode(kept, type=Record))
            machine.load()
            if machine.id in units:
                machine.units.load(units[machine.id])
            self._add(machine)
        load_clusters(self)
        for _, kept in self.keeping.items("faults"):
            self.faults.load(msgspec.json.decode(kept))
        self.faults.listen(self._faults_changed)

    async def _resume(self) -> None:
        """Let everything run again. What takes longer, as an etcd without its quorum does, goes on by itself."""
        running = [machine for machine in self.machines.values() if machine.powered]
        await asyncio.gather(*(self._doors[machine.key].adjust() for machine in running))
        tasks = [machine.spawn(machine.units.resume(), "resume") for machine in running]
        if tasks:
            await asyncio.wait(tasks, timeout=RESUME_SECONDS)

    def _faults_changed(self) -> None:
        self.keeping.put("faults", "all", msgspec.json.encode(self.faults.dump()))
        for door in self._doors.values():
            self.spawn(door.adjust(), "faults changed")


def _load_all() -> None:
    load_programs()
    load_commands()
