"""Machines as a cloud supplies them: made, listed and taken away, with the faults that clouds have."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import msgspec

from core.simulator.addresses import SSH_PORT
from core.simulator.faults import Fault, Named
from core.simulator.machine.machine import Machine, Wish
from core.simulator.messages import Quota, Seen
from core.simulator.world import World

Place = tuple[str, str]
"""Environment and name of a machine."""


class Refused(Exception):
    """What is asked for cannot be had; asking again does not help."""


class Failed(Exception):
    """It was tried and failed; the next attempt may succeed."""


class Supply:
    """Gives and takes the machines of a world; all of it may be asked again after an interruption."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._broken: dict[Place, str] = {}
        self._locks: dict[Place, asyncio.Lock] = {}
        world.faults.listen(self._strike)

    async def machines(self, environment: str) -> list[Seen]:
        """All machines of an environment; one that could not be made is in error."""
        there = [_seen(machine) for (owner, _), machine in self._world.machines.items() if owner == environment]
        broken = [
            Seen(name, f"{owner}/{name}", "error", "", None, SSH_PORT, fault)
            for (owner, name), fault in self._broken.items()
            if owner == environment
        ]
        return [*there, *broken]

    async def quota(self, environment: str) -> Quota:
        """How many machines the environment has and may have."""
        fault = self._world.faults.active("quota-exceeded", Named(environment, ""))
        return Quota(self._used(environment), int(fault.number("machines")) if fault else None)

    async def create(self, wish: dict[str, Any]) -> Seen:
        """Make a machine, or bring back to running what is there of it.

        Raises:
            Refused: the environment's quota is used up.
            Failed: the machine ended in error.
        """
        wanted = msgspec.convert(wish, Wish)
        place = (wanted.environment, wanted.name)
        async with self._lock(place):
            self._broken.pop(place, None)
            if place not in self._world.machines:
                self._check_quota(wanted.environment)
                self._check_luck(place)
            return _seen(await self._world.create(wanted))

    async def delete(self, environment: str, name: str) -> bool:
        """Remove a machine with its disk; says whether there was one."""
        place = (environment, name)
        async with self._lock(place):
            broken = self._broken.pop(place, None) is not None
            there = place in self._world.machines
            if there:
                await self._world.remove(environment, name)
        return there or broken

    async def remove(self, environment: str) -> None:
        """Remove all that an environment has in the world: its machines and its faults."""
        for machine in await self.machines(environment):
            await self.delete(environment, machine.name)
        self._world.faults.clear(environment=environment)

    def counts(self) -> dict[str, int]:
        """The number of machines by environment."""
        return dict(Counter(environment for environment, _ in self._world.machines))

    def _used(self, environment: str) -> int:
        return self.counts().get(environment, 0)

    def _check_quota(self, environment: str) -> None:
        fault = self._world.faults.take("quota-exceeded", Named(environment, ""))
        if fault is not None:
            limit, used = int(fault.number("machines")), self._used(environment)
            if used + 1 > limit:
                raise Refused(
                    f"Quota exceeded for instances: Requested 1, but already used {used} of {limit} instances"
                )

    def _check_luck(self, place: Place) -> None:
        fault = self._world.faults.take("create-error", Named(*place))
        if fault is not None:
            self._broken[place] = fault.text("fault")
            raise Failed(f"the machine ended in error: {fault.text('fault')}")

    def _strike(self) -> None:
        """Let machines vanish that a fault has just been aimed at."""
        for fault in list(self._world.faults.all()):
            if fault.kind == "machine-vanished" and (fault.environment, fault.machine) in self._world.machines:
                self._world.spawn(self._vanish(fault), f"vanish {fault.machine}")

    async def _vanish(self, fault: Fault) -> None:
        if self._world.faults.take(fault.kind, Named(fault.environment, fault.machine)):
            await self.delete(fault.environment, fault.machine)

    def _lock(self, place: Place) -> asyncio.Lock:
        return self._locks.setdefault(place, asyncio.Lock())


def _seen(machine: Machine) -> Seen:
    status = "running" if machine.powered else "stopped"
    return Seen(machine.name, machine.id, status, machine.role, machine.address, SSH_PORT)
