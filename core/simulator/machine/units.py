"""A machine's units: systemd's verbs over services, with dependencies and order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from core.simulator.machine.service import Service
from core.simulator.machine.unit_files import FOLDERS
from core.simulator.machine.unit_state import Shown, UnitState

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine

_ETC = FOLDERS[0]
_TARGETS = ("sysinit.target", "basic.target", "multi-user.target")
"""What a boot reaches, in this order."""


class Units:
    """All units of a machine. Names may be given without ".service".

    Verbs give sentences for what went wrong, in systemctl's words, none where all is well.
    """

    def __init__(self, machine: Machine, keep: Callable[[], None]) -> None:
        self._machine = machine
        self._keep = keep
        self._services: dict[str, Service] = {}

    def service(self, name: str) -> Service:
        """A unit, whether its file exists or not."""
        name = full_name(name)
        if name not in self._services:
            self._services[name] = Service(self._machine, name)
        return self._services[name]

    def state(self, name: str) -> Shown:
        """A unit as systemctl shows it."""
        service = self.service(name)
        return service.shown(self.enabled(service.name))

    def active(self, name: str) -> bool:
        """Whether a unit does its work."""
        return self.service(name).active

    def known(self) -> list[str]:
        """The names of all units that have a file or a state."""
        files = {each for folder in FOLDERS for each in self._machine.files.listing(folder) if "." in each}
        return sorted({each for each in (*files, *self._services) if each.endswith(".service")})

    def enabled(self, name: str) -> str:
        """systemd's UnitFileState: by links in the targets' folders, "static" where nothing could be linked."""
        definition = self.service(name).definition
        if definition.load == "masked":
            return "masked"
        if not definition.path:
            return ""
        if self._links(full_name(name)):
            return "enabled"
        return "disabled" if definition.wanted_by else "static"

    async def start(self, *names: str) -> list[str]:
        """Start units with what they require and want, in their order."""
        missing = [f"Failed to start {each}: Unit {each} {_why(self, each)}." for each in self._missing(names)]
        found = [name for name in map(full_name, names) if name not in self._missing(names)]
        done = await self._run(self._closure(found))
        return missing + [_job_failed(self.service(name), done[name]) for name in found if done[name] != "done"]

    async def stop(self, *names: str) -> list[str]:
        """Stop units, and before them those that require them."""
        for name in self._with_dependents(names):
            await self.service(name).stop()
        return [
            f"Failed to stop {name}: Unit {name} not loaded."
            for name in map(full_name, names)
            if self.service(name).definition.load == "not-found"
        ]

    async def restart(self, *names: str) -> list[str]:
        """Stop and start units, and with them those that run and require them."""
        affected = [*self._with_dependents(names)]
        again = [name for name in affected if self.service(name).active or name in map(full_name, names)]
        missing = self._missing(names)
        for name in affected:
            if name not in missing:
                self.service(name).restarting = True
                await self.service(name).stop()
        said = await self.start(*names)
        await self.start(*(name for name in again if name not in map(full_name, names)))
        return [sentence.replace("Failed to start", "Failed to restart") for sentence in said]

    async def reload(self, *names: str) -> list[str]:
        """Have units read their configuration again."""
        said = [await self.service(name).reload() for name in names]
        return [sentence for sentence in said if sentence]

    async def reload_or_restart(self, *names: str) -> list[str]:
        """Reload those that can be and run, restart the others."""
        said: list[str] = []
        for name in names:
            service = self.service(name)
            able = service.active and service.definition.all("Service", "ExecReload")
            said += await (self.reload if able else self.restart)(name)
        return said

    def enable(self, *names: str) -> list[str]:
        """Link units into the targets that want them; gives what systemctl says of it."""
        said = []
        for name in map(full_name, names):
            definition = self.service(name).definition
            if definition.load in ("not-found", "masked"):
                masked = definition.load == "masked"
                reason = f"{definition.path} is masked" if masked else f"{name} does not exist"
                said.append(f"Failed to enable unit: Unit file {reason}.")
                continue
            for target in definition.wanted_by:
                link = f"{_ETC}/{target}.wants/{name}"
                if not self._machine.files.entry(link, follow=False):
                    self._machine.files.link(link, definition.path)
                    said.append(f"Created symlink {link} -> {definition.path}.")
        return said

    def disable(self, *names: str) -> list[str]:
        """Remove the links."""
        said = []
        for name in map(full_name, names):
            if not self.service(name).definition.path and not self._links(name):
                said.append(f"Failed to disable unit: Unit file {name} does not exist.")
            for link in self._links(name):
                self._machine.files.remove(link)
                said.append(f'Removed "{link}".')
        return said

    def daemon_reload(self) -> None:
        """Read all unit files again."""
        for service in self._services.values():
            service.read_again()

    def reset_failed(self, *names: str) -> None:
        """Let failed units be at rest, and count their starts anew."""
        for name in names or tuple(self._services):
            self.service(name).forget_failure()

    async def boot(self) -> None:
        """Start what is enabled, as a boot does."""
        self._services = {name: Service(self._machine, name) for name in self._services}
        for target in _TARGETS:
            names = self._machine.files.listing(f"{_ETC}/{target}.wants")
            await self._run(self._closure([name for name in names if not self._missing([name])]))

    async def resume(self) -> None:
        """Go on after the simulator itself was away."""
        running = [name for name, service in self._services.items() if service.state.active != "inactive"]
        order = self._ordered(running)
        await self._run_each(order, self._resume_one)

    async def shut_down(self, *, orderly: bool) -> None:
        """Everything ends, in reverse order: asked to stop, or without a word."""
        for name in reversed(self._ordered(list(self._services))):
            service = self._services[name]
            await (service.stop() if orderly else service.kill())

    def changed(self) -> None:
        """A unit's state changed."""
        self._keep()

    def dump(self) -> bytes:
        """The states of all units."""
        return msgspec.json.encode({name: service.state for name, service in self._services.items()})

    def load(self, kept: bytes) -> None:
        """Take the states that were kept."""
        for name, state in msgspec.json.decode(kept, type=dict[str, UnitState]).items():
            self._services[name] = Service(self._machine, name, state)

    async def _resume_one(self, name: str) -> str:
        service = self.service(name)
        if service.active:
            await service.resume()
        elif service.state.active in ("activating", "deactivating"):
            service.state.active = "inactive"
            await service.start()
        return "done"

    def _reached(self, name: str) -> bool:
        service = self.service(name)
        return service.active or (service.definition.type == "oneshot" and service.state.result == "success")

    def _missing(self, names: Iterable[str]) -> list[str]:
        return [name for name in map(full_name, names) if self.service(name).definition.load in ("not-found", "masked")]

    def _links(self, name: str) -> list[str]:
        folders = [each for each in self._machine.files.listing(_ETC) if each.endswith((".wants", ".requires"))]
        links = [f"{_ETC}/{folder}/{name}" for folder in folders]
        return [link for link in links if self._machine.files.entry(link, follow=False)]

    def _closure(self, names: Sequence[str]) -> list[str]:
        """The units with all that they require and want and that has a file, in an order that fits."""
        found: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found[name] = None
            definition = self.service(name).definition
            needed = [each for each in (*definition.requires, *definition.wants) if each.endswith(".service")]
            waiting += [each for each in needed if not self._missing([each])]
        return self._ordered(list(found))

    def _ordered(self, names: Sequence[str]) -> list[str]:
        """The units so that each comes after those it says it comes after; a circle is broken where it is met."""
        predecessors = self._predecessors(names)
        order: dict[str, None] = {}

        def visit(name: str, path: tuple[str, ...]) -> None:
            for before in predecessors[name]:
                if before not in path and before not in order:
                    visit(before, (*path, name))
            order[name] = None

        for name in names:
            if name not in order:
                visit(name, ())
        return list(order)

    def _predecessors(self, names: Sequence[str]) -> dict[str, list[str]]:
        wanted = set(names)
        found = {name: [each for each in self.service(name).definition.after if each in wanted] for name in names}
        for name in names:
            for later in self.service(name).definition.before:
                if later in wanted:
                    found[later].append(name)
        return found

    async def _run(self, order: Sequence[str]) -> dict[str, str]:
        """How each job ended: "done", "failed" or "dependency"."""
        return await self._run_each(order, self._start_one)

    async def _run_each(self, order: Sequence[str], act: Callable[[str], Awaitable[str]]) -> dict[str, str]:
        """Act on units at the same time, on each one after those that come before it."""
        predecessors = self._predecessors(order)
        done: dict[str, asyncio.Event] = {name: asyncio.Event() for name in order}
        place = {name: number for number, name in enumerate(order)}

        async def one(name: str) -> str:
            try:
                for before in predecessors[name]:
                    # A circle was broken where the order does not fit.
                    if place[before] < place[name]:
                        await done[before].wait()
                return await act(name)
            finally:
                done[name].set()

        return dict(zip(order, await asyncio.gather(*(one(name) for name in order)), strict=True))

    async def _start_one(self, name: str) -> str:
        service = self.service(name)
        required = (each for each in service.definition.requires if each.endswith(".service"))
        if not service.active and not all(self._reached(each) for each in required):
            said = f"Dependency failed for {name}.\n{name}: Job {name}/start failed with result 'dependency'."
            self._machine.journal.append(name, said, source="systemd", pid=1)
            return "dependency"
        return "done" if await service.start() else "failed"

    def _with_dependents(self, names: Iterable[str]) -> list[str]:
        """Units with those that run and require them, the dependents first."""
        found: dict[str, None] = {}
        for name in map(full_name, names):
            for other, service in list(self._services.items()):
                if name in service.definition.requires and service.state.active in ("active", "activating"):
                    found.update(dict.fromkeys(self._with_dependents([other])))
            found[name] = None
        return list(found)


def full_name(name: str) -> str:
    """A unit's name with its kind."""
    return name if "." in name.rpartition("/")[2] else f"{name}.service"


def _why(units: Units, name: str) -> str:
    return "is masked" if units.service(name).definition.load == "masked" else "not found"


def _job_failed(service: Service, outcome: str) -> str:
    name = service.name
    if service.state.result == "timeout":
        why = "a timeout was exceeded"
    elif outcome == "dependency":
        return f"A dependency job for {name} failed. See 'journalctl -xe' for details."
    elif service.state.result == "resources":
        why = "of unavailable resources or another system error"
    else:
        why = "the control process exited with error code"
    return (
        f'Job for {name} failed because {why}.\nSee "systemctl status {name}" and "journalctl -xeu {name}" for details.'
    )
