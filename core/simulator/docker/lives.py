"""The lives of containers: started, ended by themselves, stopped, and started again by their restart policy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.simulator.docker.errors import EngineError
from core.simulator.docker.events import Events
from core.simulator.docker.output import program_of
from core.simulator.docker.published import Published
from core.simulator.docker.records import KILLED, TERMINATED, Container, Run
from core.simulator.kubernetes.kubelet.images import FOREVER, behaviour, lifetime

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine

_START, _STOP = 0.03, 0.03
_FIRST_DELAY, _LONGEST_DELAY, _SOUND = 0.1, 60.0, 10.0
"""Seconds before a restart: doubled each time, from the first again after a run that lasted."""

_SHORTEST = 0.1
"""Seconds that the shortest run takes: time to write what it says."""

_KEPT_RUNS = 20
_DEADLY = {"KILL": KILLED, "9": KILLED, "TERM": TERMINATED, "15": TERMINATED, "INT": 130, "2": 130, "QUIT": 131}
"""Signals that end a process, with the status that it ends with."""


class Lives:
    """Whatever runs on one host. `changed` is told each container whose record is other than it was."""

    def __init__(self, machine: Machine, events: Events, changed: Callable[[Container], None]) -> None:
        self._machine = machine
        self._events = events
        self._changed = changed
        self.published = Published(machine)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ended: dict[str, asyncio.Event] = {}

    async def start(self, container: Container) -> None:
        """Start it now. Raises `EngineError` where a port of it is taken."""
        await asyncio.sleep(_START * self._machine.world.pace)
        try:
            await self.published.open(container)
        except EngineError as error:
            container.error = error.message
            self._changed(container)
            raise
        container.runs = [*container.runs[1 - _KEPT_RUNS :], Run(self._machine.clock())]
        container.state, container.stopped, container.error = "running", False, ""
        container.boot = self._machine.boot_id
        self._changed(container)
        self._events.of_container("start", container)
        self._follow(container)

    async def adopt(self, container: Container) -> None:
        """Go on with a container that ran before the simulator was away."""
        await self.published.open(container)
        self._follow(container)

    async def stop(self, container: Container, *, signal: str = "TERM", by_user: bool = True) -> None:
        """End it, whatever it does; `by_user` it stays down."""
        container.stopped = container.stopped or by_user
        self._cancel(container)
        if container.running:
            # What serves ends well when it is asked to; anything else knows no better.
            serves = signal == "TERM" and behaviour(container.reference).serves
            await asyncio.sleep(_STOP * self._machine.world.pace if signal != "KILL" else 0)
            self._end(container, 0 if serves else _DEADLY.get(signal, TERMINATED))
        elif container.state == "restarting":
            container.state = "exited"
            self._changed(container)

    async def signal(self, container: Container, name: str) -> None:
        """Send a signal; those that end no process do nothing else."""
        short = name.removeprefix("SIG")
        self._events.of_container("kill", container, signal=short)
        if short not in _DEADLY:
            return
        self._cancel(container)
        self._end(container, _DEADLY[short])
        if short not in ("KILL", "9"):
            self._restart_later(container)
        else:
            container.stopped = True
            self._changed(container)

    def ended(self, container: Container) -> asyncio.Event:
        """Is set when it is at rest the next time."""
        return self._ended.setdefault(container.id, asyncio.Event())

    def again(self, container: Container, *, boot: bool = False) -> bool:
        """Whether its policy starts it now that it has ended, or now that the engine starts."""
        name, most = container.policy
        match name:
            case "always":
                return boot or not container.stopped
            case "unless-stopped":
                return not container.stopped
            case "on-failure":
                left = not most or container.restarts < most
                return bool(container.last.code) and not container.stopped and left
        return False

    def forget(self, container: Container) -> None:
        """It is removed."""
        self._cancel(container)
        self.published.close(container)
        if waiting := self._ended.pop(container.id, None):
            waiting.set()

    def _follow(self, container: Container) -> None:
        self._cancel(container)
        seconds, status = lifetime(program_of(container), once=False, init=False)
        if seconds == FOREVER:
            return
        left = container.last.started + max(_SHORTEST, seconds) * self._machine.world.pace - self._machine.clock()
        work = self._until_its_end(container, max(0.0, left), status)
        self._tasks[container.id] = self._machine.spawn(work, f"container {container.name}")

    async def _until_its_end(self, container: Container, seconds: float, status: int) -> None:
        await asyncio.sleep(seconds)
        while container.state == "paused":
            await asyncio.sleep(0.1)
        self._end(container, status)
        self._restart_later(container)

    def _restart_later(self, container: Container) -> None:
        if not self.again(container):
            return
        container.state = "restarting"
        self._changed(container)
        work = self._restart(container, _delay(container))
        self._tasks[container.id] = self._machine.spawn(work, f"restart of {container.name}")

    async def _restart(self, container: Container, delay: float) -> None:
        await asyncio.sleep(delay * self._machine.world.pace)
        container.restarts += 1
        try:
            await self.start(container)
        except EngineError:
            container.state = "exited"
            self._changed(container)

    def _end(self, container: Container, status: int) -> None:
        self.published.close(container)
        run = container.last
        run.finished, run.code = self._machine.clock(), status
        container.state = "exited"
        self._changed(container)
        self._events.of_container("die", container, exitCode=str(status))
        if waiting := self._ended.pop(container.id, None):
            waiting.set()

    def _cancel(self, container: Container) -> None:
        task = self._tasks.pop(container.id, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()


def _delay(container: Container) -> float:
    short = 0
    for run in reversed(container.runs):
        if run.finished - run.started >= _SOUND:
            break
        short += 1
    return float(min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** max(0, short - 1)))
