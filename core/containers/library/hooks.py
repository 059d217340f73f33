"""The steps in which an application's class is called: before its container is made, and once it is ready."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import msgspec

from core.containers.catalogue.library import library
from core.containers.library.application import DockerApplication, Installation
from core.containers.library.entry import ClassEntry
from core.containers.library.host import DockerContainerHost
from core.containers.variables import Resolver, Surroundings, Value
from core.containers.vault import Hidden, covered
from core.engine.errors import Trouble
from core.engine.step import Change, Report, Step
from core.machines.steps import Unknown
from core.model.connections import Holder
from core.model.container import Application

Call = Callable[[Installation], Awaitable[None]]


class Probed(Protocol):
    """What makes the container, as far as hooks ask it."""

    async def probe(self) -> Sequence[Change]: ...


@dataclass(slots=True)
class Hooks:
    """The two hooks of one application, as probe and apply of a step each.

    They are called where its container is to be made, and where what is declared of it is not what they were last
    called for; that is noted when both have returned, so that a run that ends in between calls them again.
    """

    around: Surroundings
    holder: Holder
    application: Application
    made: DockerApplication
    host: DockerContainerHost
    part: Probed
    started: bool = field(default=False)
    finished: bool = field(default=False)

    async def probe_start(self) -> Sequence[Change]:
        """Whether the first is to be called."""
        if self.started or not await self._due():
            return []
        return [Change("run", f"what {self.application.catalogue} does before {self.application.name} is installed")]

    async def start(self, _: Sequence[Change], report: Report) -> None:
        """Call the first."""
        await self._call("installation_started", self.made.installation_started, report)
        self.started = True

    async def probe_finish(self) -> Sequence[Change]:
        """Whether the second is to be called."""
        if self.finished or not (self.started or await self._due()):
            return []
        return [Change("run", f"what {self.application.catalogue} does once {self.application.name} is installed")]

    async def finish(self, _: Sequence[Change], report: Report) -> None:
        """Call the second, and note what both were called for."""
        await self._call("installation_finished", self.made.installation_finished, report)
        self.around.note(self._key, mark_of(self.application, self._values(making=True)))
        self.finished = True

    @property
    def _key(self) -> str:
        return f"{self.holder.name}/{self.application.name}"

    async def _due(self) -> bool:
        try:
            mark = mark_of(self.application, self._values(making=False))
        except Unknown:
            return True
        if self.around.noted(self._key) != mark:
            return True
        return any(change.action == "create" for change in await self.part.probe())

    def _values(self, *, making: bool) -> dict[str, Value]:
        return Resolver(self.around, self.holder, making=making).of(self.application)

    async def _call(self, name: str, call: Call, report: Report) -> None:
        resolver = Resolver(self.around, self.holder, making=True)
        values = resolver.of(self.application)
        installation = Installation(self.host, self.application, values, report, resolver.reached)
        try:
            await call(installation)
        except Trouble:
            raise
        except Exception as error:
            # Somebody else's program: whatever it raises is this application's failure, and may have a secret in it.
            said = covered(f"{type(error).__name__}: {error}", values.values())
            what = f"application {self.application.name}: {type(self.made).__name__}.{name} failed: {said}"
            fix = f"put right the package that brings {self.application.catalogue} along"
            raise Trouble(what, where=self.holder.name, fix=fix) from error


def hooks_of(
    around: Surroundings, holder: Holder, application: Application, host: DockerContainerHost, part: Probed
) -> Hooks | None:
    """The hooks of an application that is a class with hooks of its own, None for any other."""
    entry = library().entries.get(application.catalogue or "")
    if not isinstance(entry, ClassEntry) or not _has_hooks(entry.application_class()):
        return None
    return Hooks(around, holder, application, entry.application_class()(), host, part)


def mark_of(application: Application, values: Mapping[str, Value]) -> str:
    """Another one when anything that is declared of an application, or a value, is another; secrets by their marks."""
    marks = {name: value.mark if isinstance(value, Hidden) else value for name, value in values.items()}
    seen = [application.model_dump(mode="json"), marks]
    return hashlib.sha256(msgspec.json.encode(seen, order="sorted")).hexdigest()[:16]


def _has_hooks(made_by: type[DockerApplication]) -> bool:
    names = ("installation_started", "installation_finished")
    return any(getattr(made_by, name) is not getattr(DockerApplication, name) for name in names)


def start_step(hooks: Hooks, target: str, requires: frozenset[str]) -> Step:
    """The step of the first hook."""
    return replace(_step(hooks, "started", target, requires), probe=hooks.probe_start, apply=hooks.start)


def finish_step(hooks: Hooks, target: str, requires: frozenset[str]) -> Step:
    """The step of the second hook."""
    return _step(hooks, "finished", target, requires)


def _step(hooks: Hooks, phase: str, target: str, requires: frozenset[str]) -> Step:
    component, application = hooks.holder.name, hooks.application
    identity = f"{component}/{application.name}/{phase}"
    title = f"{application.catalogue}: installation of {application.name} {phase}"
    return Step(identity, component, target, phase, title, hooks.probe_finish, hooks.finish, requires)
