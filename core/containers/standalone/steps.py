"""The steps of a Docker host's applications, each by itself: image → container → ready → endpoints."""

from __future__ import annotations

from collections.abc import Sequence

from core.containers.catalogue.reports import application_lines
from core.containers.endpoints import endpoint_lines
from core.containers.library.hooks import finish_step, hooks_of, start_step
from core.containers.pod import Part, reachable_step
from core.containers.standalone.applications import ContainerStep, NetworkStep, Removal, places
from core.containers.standalone.endpoints import application_endpoints
from core.containers.standalone.host import StandaloneHost
from core.containers.standalone.images import ImageStep
from core.containers.standalone.readiness import ReadyStep
from core.containers.standalone.site import HostSite
from core.engine.step import Change, Report, Step
from core.model.connections import required_units
from core.model.container import Application
from core.model.endpoint import Endpoint

_PATIENCE = 180.0

_Phase = tuple[str, str, Part, float]
"""A step's phase, title, work and deadline in seconds."""


def host_steps(site: HostSite, requires: frozenset[str], *, patience: float = _PATIENCE) -> list[Step]:
    """All steps for the host's applications; `requires` are those that make its engine usable.

    What left the document is removed first: its ports are free for the others. An application waits for those that
    its connections lead to and, as far as nothing else is in the way, for no other.
    """
    first = _step(site, ("removed", "remove applications that are no longer declared", Removal(site), 120.0), requires)
    network = _step(site, ("network", "the containers' network", NetworkStep(site), 60.0), frozenset({first.id}))
    needed = required_units(site.around.declaration)
    steps = [first, network]
    for application in site.host.applications:
        reachable = {reachable_step(unit) for unit in needed.get((site.host.name, application.name), ())}
        steps += _of(site, application, network.id, frozenset(reachable), patience)
    return steps


def _of(site: HostSite, application: Application, after: str, reachable: frozenset[str], patience: float) -> list[Step]:
    name = application.name
    parts: tuple[_Phase, ...] = (
        ("image", f"image of {name}", ImageStep(site, application), 1800.0),
        ("container", f"container {name}", ContainerStep(site, application), 180.0),
        ("ready", f"{name} answers", ReadyStep(site, application, patience), patience + 30.0),
        ("endpoints", f"endpoints of {name}", EndpointsStep(site, application), 60.0),
    )
    hooks = hooks_of(site.around, site.host, application, standalone_host(site, patience=patience), parts[1][2])
    steps: list[Step] = []
    for phase in parts:
        before = {steps[-1].id if steps else after} | (reachable if phase[0] == "container" else set())
        if hooks and phase[0] == "container":
            steps.append(start_step(hooks, site.host.machine, frozenset(before)))
            before.add(steps[-1].id)
        steps.append(_step(site, phase, frozenset(before), name))
    return [*steps, *([finish_step(hooks, site.host.machine, frozenset({steps[-1].id}))] if hooks else [])]


def standalone_host(site: HostSite, *, patience: float = _PATIENCE) -> StandaloneHost:
    """The Docker host as a host of applications."""
    return StandaloneHost(site, lambda here, one: _of(here, one, "", frozenset(), patience))


def _step(site: HostSite, phase: _Phase, requires: frozenset[str], application: str = "") -> Step:
    host = site.host
    name, title, part, deadline = phase
    identity = "/".join(word for word in (host.name, application, name) if word)
    return Step(identity, host.name, host.machine, name, title, part.probe, part.apply, requires, deadline=deadline)


class EndpointsStep:
    """Probe and apply of one application's recorded endpoints; those of the host's others stay as they are."""

    def __init__(self, site: HostSite, application: Application) -> None:
        self._site = site
        self._application = application

    async def probe(self) -> Sequence[Change]:
        mine = [one for one in self._site.recorded() if one.application == self._application.name]
        subject = f"endpoints of {self._application.name}"
        if not self._site.exists():
            return [Change("create", subject, after="when its machine is there")]
        before, after = endpoint_lines(mine), endpoint_lines(await self._now())
        return [] if before == after else [Change("update", subject, before=before, after=after)]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        found = await self._now()
        others = [one for one in self._site.recorded() if one.application != self._application.name]
        self._site.record(self._site.host.name, [*others, *found])
        for one in found:
            report(f"{one.application} {one.address}:{one.port}/{one.protocol} ({one.scope})")
        for line in application_lines(self._application, found):
            report(line)

    async def _now(self) -> list[Endpoint]:
        async with self._site.engine() as engine:
            containers = await engine.containers(self._site.host.name)
        where = places(self._site, containers)[self._application.name]
        return application_endpoints(self._site.host.name, self._application, where, self._site.machine())
