"""What the steps of a Docker host's applications are given: the way to its engine, and the endpoints' book."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.containers.standalone import labels
from core.containers.standalone.engine import Engine, engine
from core.containers.variables import Resolver, Surroundings, Value
from core.machines.connection import Connection
from core.model.allocation import EVERY_PORT, PortRoom
from core.model.container import Application
from core.model.endpoint import Endpoint, GatewayAddress
from core.model.host import DockerStandaloneHost


@dataclass(frozen=True, slots=True)
class HostSite:
    """A Docker host of a declaration.

    `exists` is False while there is no machine: then nothing is asked of it. `machine` gives its addresses now,
    `cgroup_parent` the control group that containers must stay in on a machine that shares its hierarchy.
    """

    around: Surroundings
    host: DockerStandaloneHost
    connect: Callable[[], Awaitable[Connection]]
    exists: Callable[[], bool]
    machine: Callable[[], GatewayAddress]
    record: Callable[[str, Sequence[Endpoint]], None]
    cgroup_parent: Callable[[], str] = lambda: ""
    ports: PortRoom = EVERY_PORT

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[Engine]:
        """The host's Docker engine, over a socket that SSH forwards.

        Raises:
            Unreachable: the machine or its engine does not answer.
        """
        async with engine(await self.connect()) as found:
            yield found

    def owns(self, marks: Mapping[str, str] | None) -> bool:
        """Whether a container with these labels belongs to an application of this host."""
        found = labels.owner(marks)
        return found is not None and found[0] == self.host.name

    def values(self, application: Application, *, making: bool) -> dict[str, Value]:
        """The values of an application's variables; raises as `Resolver` does."""
        return Resolver(self.around, self.host, making=making).of(application)

    def recorded(self) -> Sequence[Endpoint]:
        """The endpoints that the host was last recorded with."""
        return self.around.recorded(self.host.name)
