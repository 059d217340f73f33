"""A pod as a host of applications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.containers.bringing import bring_about
from core.containers.site import Site
from core.engine.step import Report, Step
from core.model.applications import with_application, without_application
from core.model.connections import scope_id
from core.model.container import Application
from core.model.endpoint import Endpoint
from core.model.pod import KubernetesPod

PodSteps = Callable[[Site, KubernetesPod], Sequence[Step]]


@dataclass(frozen=True, slots=True)
class PodHost:
    """Implements `DockerContainerHost` for one pod of a cluster; `steps` are those that bring a pod about."""

    site: Site
    pod: KubernetesPod
    steps: PodSteps

    @property
    def name(self) -> str:
        return self.pod.name

    @property
    def scope_id(self) -> str:
        return scope_id(self.pod)

    async def host(self, application: Application, report: Report) -> Sequence[Endpoint]:
        changed = with_application(self.site.declaration, self.pod.name, application)
        await self._bring_about(replace(self.site, around=replace(self.site.around, declaration=changed)), report)
        return self.endpoints(application.name)

    async def delete(self, application: str, report: Report) -> None:
        changed = without_application(self.site.declaration, self.pod.name, application)
        await self._bring_about(replace(self.site, around=replace(self.site.around, declaration=changed)), report)

    def endpoints(self, application: str) -> Sequence[Endpoint]:
        return [one for one in self.site.recorded(self.pod.name) if one.application == application]

    async def _bring_about(self, site: Site, report: Report) -> None:
        pod = next(pod for pod in site.declaration.pods() if pod.name == self.pod.name)
        await bring_about(self.steps(site, pod), report)
