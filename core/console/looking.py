"""What there is: environments, their status, endpoints, deployments, reports and logs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, replace
from typing import Any

from core.clouds.choices import CloudChoices
from core.console.records import NotFound, Records
from core.containers.library.cluster import ManagedCluster
from core.deployment.choices import cloud_choices
from core.deployment.context import EnvironmentContext
from core.deployment.host_actions import log_of_host, usage_of_host
from core.deployment.logs import pod_log
from core.deployment.pods import pod_site
from core.deployment.status import declared_status, live_status
from core.deployment.stored import deployed_far_enough
from core.engine.errors import Refusal, Trouble
from core.engine.lock import live_holder
from core.model.pod import KubernetesPod
from core.status import DeploymentStatus, EndpointStatus, EnvironmentStatus, ReportLine, UsageStatus
from core.store.environments import EnvironmentRecord

LOOK_PAUSE = 2.0
"""Seconds between two looks for a listener of changes."""

FOLLOW_PAUSE = 0.2
"""Seconds between two looks into the database for report lines of another process."""


class Looking(Records):
    """The façade's part that changes nothing."""

    async def environments(self) -> list[EnvironmentStatus]:
        records = [self._record(record.name) for record in self.store.environments.list()]
        return [self._listed(record) for record in records]

    def _listed(self, record: EnvironmentRecord) -> EnvironmentStatus:
        try:
            return declared_status(record, self._shown(record))
        except Trouble as trouble:
            return replace(declared_status(record, None), trouble=str(trouble))

    async def status(self, environment: str) -> EnvironmentStatus:
        record = self._record(environment)
        shown = self._shown(record)
        if shown is None:
            return declared_status(record, None)
        async with self.context(shown) as context:
            return await live_status(context, self._record(environment))

    async def changes(self, environment: str) -> AsyncIterator[EnvironmentStatus]:
        from core.deployment.changes import Changes

        while True:
            record = self._record(environment)
            shown = self._shown(record)
            if shown is None:
                yield declared_status(record, None)
                await asyncio.sleep(LOOK_PAUSE)
                continue
            async with self.context(shown) as context:
                changes = Changes(context)
                telling = asyncio.create_task(self._tell_stored(environment, changes.tell))
                try:
                    # Closed here, so that its watches end before the connections that they read from.
                    async with aclosing(changes.statuses(lambda: self._looked(context, environment))) as statuses:
                        async for status in statuses:
                            yield status
                            if self._shown(self._record(environment)) != shown:
                                break
                finally:
                    telling.cancel()

    async def _looked(self, context: EnvironmentContext, environment: str) -> EnvironmentStatus:
        return await live_status(context, self._record(environment))

    async def _tell_stored(self, environment: str, tell: Callable[[], None]) -> None:
        """Tell when the database says something new of an environment; another process may have written it."""
        known: object = None
        while True:
            latest = self.store.deployments.latest(environment)
            number = self.store.lines.last_number(latest.id) if latest else 0
            found = (self.store.environments.get(environment), latest, number)
            if known is not None and found != known:
                tell()
            known = found
            await asyncio.sleep(LOOK_PAUSE / 2)

    async def endpoints(self, environment: str) -> list[EndpointStatus]:
        simulated = self._listed(self._record(environment)).simulated
        return [
            EndpointStatus(
                component=record.component,
                application=record.application,
                address=record.address,
                port=record.port,
                scope=record.scope,
                port_scope=record.port_scope,
                container_port=record.container_port,
                protocol=record.protocol,
                simulated=simulated,
            )
            for record in self.store.endpoints.list(environment)
        ]

    async def choices(self, cloud: str, region: str | None = None, project: str | None = None) -> CloudChoices:
        """What a form for an OpenStack environment offers: flavors, images, keys, zones, networks, quotas."""
        return await cloud_choices(cloud, region, project)

    async def deployments(self, environment: str) -> list[DeploymentStatus]:
        self._record(environment)
        return [
            DeploymentStatus(entry.number, entry.action, entry.state, entry.started, entry.ended, entry.owner)
            for entry in self.store.deployments.list(environment)
        ]

    async def history(self, environment: str, number: int | None) -> Any:
        """The deployments as a list, or one with its document and report, as `history --json` prints them."""
        self._record(environment)
        if number is None:
            return [asdict(entry) for entry in await self.deployments(environment)]
        found = next((entry for entry in self.store.deployments.list(environment) if entry.number == number), None)
        if found is None:
            raise NotFound(f"there is no deployment {number} in environment {environment}")
        lines = self.store.lines.after(found.id)
        report = [{"time": ln.time, "component": ln.component, "level": ln.level, "text": ln.text} for ln in lines]
        head = DeploymentStatus(found.number, found.action, found.state, found.started, found.ended, found.owner)
        return asdict(head) | {"document": found.document, "report": report}

    async def kubeconfig(self, environment: str, cluster: str) -> str:
        """An administrator's kubeconfig."""
        declared = self._deployed(environment)
        async with self.context(declared) as context:
            context.machines = await context.cloud.machines()
            await context.observe()
            found = context.clusters.get(cluster)
            if found is None:
                raise NotFound(f"there is no cluster {cluster} in environment {environment}")
            with deployed_far_enough(cluster):
                return found.blueprint.kubeconfig(
                    "admin", server=context.api_address(cluster), user="gondolier-admin"
                ).decode()

    async def logs(self, environment: str, place: str, follow: bool = True) -> AsyncGenerator[str, None]:
        declared = self._deployed(environment)
        found, application = self._holder(declared, place)
        async with self.context(declared) as context:
            if isinstance(found, KubernetesPod):
                await context.observe()
                with deployed_far_enough(found.cluster):
                    api = await context.clusters[found.cluster].api()
                told = pod_log(api, found.name, application, follow)
            else:
                told = log_of_host(context, found.name, application, follow)
            async with aclosing(told) as lines:
                async for line in lines:
                    yield line

    async def usage(self, environment: str, place: str) -> list[UsageStatus]:
        declared = self._deployed(environment)
        found, application = self._holder(declared, place)
        if isinstance(found, KubernetesPod):
            fix = "the console's tables show them, where the cluster serves metrics"
            raise Refusal("the figures of a pod are its cluster's", where=found.name, fix=fix)
        async with self.context(declared) as context:
            return await usage_of_host(context, found.name, application)

    @asynccontextmanager
    async def managed(self, environment: str, cluster: str) -> AsyncIterator[ManagedCluster]:
        """A cluster asked directly, for programs; the block is one entry of the journal of operations.

        Raises:
            Refusal: the environment is not deployed, or it is read-only.
        """
        declared = self._deployed(environment)
        self._writable(environment)
        with self.book.entry("managed", environment=environment, cluster=cluster, subject=cluster):
            async with self.context(declared) as context:
                await context.observe()
                found = context.clusters.get(cluster)
                if found is None:
                    raise NotFound(f"there is no cluster {cluster} in environment {environment}")
                with deployed_far_enough(cluster):
                    yield ManagedCluster(pod_site(context, found), context.run_on)

    async def follow(self, environment: str) -> AsyncIterator[ReportLine]:
        latest = self.store.deployments.latest(environment)
        if latest is None:
            return
        last = 0
        while True:
            live = live_holder(self.store, environment) is not None
            for line in self.store.lines.after(latest.id, last):
                last = line.number
                yield ReportLine(line.number, line.time, line.component, line.level, line.text)
            if not live:
                return
            await asyncio.sleep(FOLLOW_PAUSE)
