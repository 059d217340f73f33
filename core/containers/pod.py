"""The steps that bring a cluster's pods about: services → claims → settings → workload → ready → endpoints, and what
left removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.containers.catalogue.reports import application_lines
from core.containers.claims import Claims
from core.containers.endpoints import endpoint_lines, pod_endpoints
from core.containers.library.hooks import Hooks, finish_step, hooks_of, start_step
from core.containers.pod_host import PodHost
from core.containers.readiness import Readiness, deadline_for
from core.containers.removal import Removal
from core.containers.services import Services
from core.containers.settings import Settings
from core.containers.site import Site
from core.containers.workload import Workload
from core.engine.step import Change, Report, Step
from core.model.connections import Unit, required_units
from core.model.endpoint import Endpoint
from core.model.pod import KubernetesPod

_PATIENCE = 300.0


def pod_steps(site: Site, requires: frozenset[str] = frozenset(), *, patience: float = _PATIENCE) -> list[Step]:
    """All steps for the pods of the site's cluster; `requires` are the steps that make the cluster usable.

    `patience` is how long a pod may take to become ready, in seconds. The removal of pods that left the document
    comes first: the ports that they held are free for the others.
    """
    removal = Removal(site)
    first = Step(
        id=f"{site.name}/pods/removed",
        component=site.name,
        target=site.name,
        phase="remove",
        title="remove pods that are no longer declared",
        probe=removal.probe,
        apply=removal.apply,
        requires=requires,
    )
    needed = required_units(site.declaration)
    steps = [first]
    for pod in site.declaration.pods(site.name):
        reachable = frozenset(reachable_step(unit) for unit in needed.get((pod.name, ""), ()))
        steps += _steps(site, pod, first.id, reachable, patience)
    return steps


def reachable_step(unit: Unit) -> str:
    """The id of the step after which a unit's endpoints are known."""
    return "/".join((*(part for part in unit if part), "endpoints"))


def _steps(site: Site, pod: KubernetesPod, after: str, reachable: frozenset[str], patience: float) -> list[Step]:
    """The steps of one pod in their order; its variables are known when what they are about is `reachable`."""
    work = Workload(site, pod)
    parts: tuple[_Phase, ...] = (
        ("services", f"services of {pod.name}", Services(site, pod), 60.0),
        ("claims", f"volume claims of {pod.name}", Claims(site, pod), 60.0),
        ("settings", f"secrets and files of {pod.name}", Settings(site, pod), 60.0),
        ("workload", f"{pod.effective_workload} {pod.name}", work, 180.0),
        ("ready", f"{pod.name} is ready", Readiness(site, pod, patience), deadline_for(patience)),
        ("endpoints", f"endpoints of {pod.name}", Endpoints(site, pod), 60.0),
    )
    hooks = _hooks(site, pod, work, patience)
    steps: list[Step] = []
    for phase in parts:
        before = {steps[-1].id if steps else after} | (reachable if phase[0] == "settings" else set())
        if phase[0] == "workload":
            started = [start_step(each, pod.name, frozenset(before)) for each in hooks]
            before |= {step.id for step in started}
            steps += started
        steps.append(_step(pod, phase, frozenset(before)))
    return [*steps, *(finish_step(each, pod.name, frozenset({steps[-1].id})) for each in hooks)]


def _step(pod: KubernetesPod, phase: _Phase, requires: frozenset[str]) -> Step:
    name, title, part, deadline = phase
    identity = f"{pod.name}/{name}"
    return Step(identity, pod.name, pod.name, name, title, part.probe, part.apply, requires, deadline=deadline)


def pod_host(site: Site, pod: KubernetesPod, *, patience: float = _PATIENCE) -> PodHost:
    """The pod as a host of applications."""
    return PodHost(site, pod, lambda here, wanted: _steps(here, wanted, "", frozenset(), patience))


def _hooks(site: Site, pod: KubernetesPod, workload: Part, patience: float) -> list[Hooks]:
    """Those of the pod's applications that are classes."""
    host = pod_host(site, pod, patience=patience)
    found = (hooks_of(site.around, pod, one, host, workload) for one in pod.applications)
    return [hooks for hooks in found if hooks is not None]


class Part(Protocol):
    """What a step of a pod probes and applies."""

    async def probe(self) -> Sequence[Change]: ...

    async def apply(self, changes: Sequence[Change], report: Report, /) -> None: ...


_Phase = tuple[str, str, Part, float]
"""A step's phase, title, work and deadline in seconds."""


class Endpoints:
    """Probe and apply of a pod's recorded endpoints: computed anew whenever services or gateways changed."""

    def __init__(self, site: Site, pod: KubernetesPod) -> None:
        self._site = site
        self._pod = pod

    async def probe(self) -> Sequence[Change]:
        found = await self._now()
        before = endpoint_lines(self._site.recorded(self._pod.name))
        after = endpoint_lines(found)
        if before == after and self._site.exists():
            return []
        return [Change("update", f"endpoints of {self._pod.name}", before=before, after=after)]

    async def apply(self, _: Sequence[Change], report: Report) -> None:
        found = await self._now()
        self._site.record(self._pod.name, found)
        for one in found:
            report(f"{one.application} {one.address}:{one.port}/{one.protocol} ({one.scope})")
        for application in self._pod.applications:
            for line in application_lines(application, found):
                report(line)

    async def _now(self) -> list[Endpoint]:
        services = await self._site.services()
        return pod_endpoints(self._pod, services, self._site.gateways())
