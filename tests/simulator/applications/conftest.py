"""One simulated cluster and one simulated Docker host for all tests of a file, which follow each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from core.clouds.simulated.provider import lowest_port
from core.containers.standalone.engine import engine
from core.kube import paths
from core.kube.access import Cluster, Object
from core.status import EndpointStatus
from core.store.store import Store
from tests.simulator.lab import Lab, deployed


class Applications(Lab):
    """An environment whose applications are looked at."""

    async def deployed_as(self, text: str) -> None:
        """Deploy a document, which must end well and leave nothing to do."""
        outcome = await self.deploy(text)
        assert outcome.good, "\n".join([*self.report.texts, outcome.message])
        assert await self.plan() == []

    async def places(self, component: str, application: str = "") -> list[tuple[str, str, int]]:
        """Scope, address and port of a component's endpoints, or of one application's."""
        return [(each.scope, each.address, each.port) for each in await self.endpoints(component, application)]

    async def endpoints(self, component: str, application: str = "") -> list[EndpointStatus]:
        """A component's endpoints, or those of one application."""
        found = await self.console.endpoints(self.environment)
        return [one for one in found if one.component == component and application in ("", one.application)]

    async def endpoint(self, component: str, scope: str, application: str = "") -> EndpointStatus:
        """The first endpoint of a scope."""
        return next(each for each in await self.endpoints(component, application) if each.scope == scope)

    @asynccontextmanager
    async def cluster(self) -> AsyncIterator[Cluster]:
        """The cluster's API, as the product opens it."""
        declared, _, _ = self.console.wanted(self.environment)
        async with self.console.context(declared) as context:
            await context.observe()
            yield await context.clusters["alpha"].api()

    async def object(self, version: str, resource: str, name: str) -> Object | None:
        """An object of namespace default, None where there is none."""
        async with self.cluster() as cluster:
            return await cluster.get(paths.item(version, resource, "default", name))

    async def uids(self, name: str) -> set[str]:
        """The uids of a pod's replicas, those on their way out apart."""
        async with self.cluster() as cluster:
            listed = await cluster.get(paths.pods("default"), [("labelSelector", f"id={name}")])
        found = (each["metadata"] for each in (listed or {})["items"])
        return {each["uid"] for each in found if not each.get("deletionTimestamp")}

    async def container(self, name: str) -> Mapping[str, Any]:
        """A container of the Docker host, as its engine shows it."""
        declared, _, _ = self.console.wanted(self.environment)
        async with self.console.context(declared) as context:
            await context.observe()
            box = context.hosts["box"]
            async with engine(await box.connect(box.node)) as found:
                shown = await found.named(name)
        assert shown is not None, f"there is no container {name}"
        return shown


def first_free(wanted: int, *taken: int) -> int:
    """The port that an application gets that wants this one: ports below the lowest cannot be had without root."""
    if wanted >= lowest_port() and wanted not in taken:
        return wanted
    return next(number for number in range(1025, 65536) if number not in taken)


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home in which the file's DOCUMENT is deployed."""
    home = tmp_path_factory.mktemp("lab")
    with deployed(home, request.module.DOCUMENT):
        yield home


@pytest.fixture
async def lab(home: Path) -> AsyncIterator[Applications]:
    """The environment as the test before has left it."""
    with Store(home) as store:
        yield Applications(home, store)
