"""A Docker host as a host of applications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from core.containers.bringing import bring_about
from core.containers.standalone import labels
from core.containers.standalone.site import HostSite
from core.engine.step import Report, Step
from core.model.applications import with_application
from core.model.connections import scope_id
from core.model.container import Application
from core.model.endpoint import Endpoint

ApplicationSteps = Callable[[HostSite, Application], Sequence[Step]]


@dataclass(frozen=True, slots=True)
class StandaloneHost:
    """Implements `DockerContainerHost` for one Docker host; `steps` are those that bring an application about."""

    site: HostSite
    steps: ApplicationSteps

    @property
    def name(self) -> str:
        return self.site.host.name

    @property
    def scope_id(self) -> str:
        return scope_id(self.site.host)

    async def host(self, application: Application, report: Report) -> Sequence[Endpoint]:
        changed = with_application(self.site.around.declaration, self.name, application)
        host = next(one for one in changed.hosts() if one.name == self.name)
        site = replace(self.site, around=replace(self.site.around, declaration=changed), host=host)
        await bring_about(self.steps(site, application), report)
        return self.endpoints(application.name)

    async def delete(self, application: str, report: Report) -> None:
        async with self.site.engine() as engine:
            for found in await engine.containers(self.name):
                if found.labels.get(labels.APPLICATION) == application:
                    await engine.remove(found.id, found.name)
                    report(f"container {found.name} removed")
        self.site.record(self.name, [one for one in self.site.recorded() if one.application != application])

    def endpoints(self, application: str) -> Sequence[Endpoint]:
        return [one for one in self.site.recorded() if one.application == application]
