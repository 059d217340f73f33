"""An application as a Python class: what its container is, and what it does around its installation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core.containers.library.container import Description, DockerContainer
from core.containers.library.host import DockerContainerHost
from core.containers.vault import Hidden
from core.engine.step import Report
from core.model.container import Application
from core.model.endpoint import Endpoint
from core.model.scope import Protocol
from core.model.value import ConnectionPart, ConnectionValue


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation under way; `report` takes lines for the deployment's report and must be given no secret.

    `variables` are the container's with their values here and now; `host` is where it runs. `reached` gives
    address and port of what a connection means, as the container itself would use them.
    """

    host: DockerContainerHost
    application: Application
    variables: Mapping[str, str | Hidden]
    report: Report
    reached: Callable[[ConnectionValue], tuple[str, int]]

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """Where the application can be reached; none before its first installation."""
        return self.host.endpoints(self.application.name)

    def variable(self, name: str) -> str:
        """The value of a variable of the container, a secret's own text where it is one."""
        value = self.variables[name]
        return value.text if isinstance(value, Hidden) else value


class DockerApplication(ABC):
    """The base of applications that are classes; one is made for each use, and keeps nothing between two.

    `entry` is what an entry of the catalogue says, `application` and `pods` apart: id, title, category, tags,
    description, licence, image, parameters, reports.
    """

    entry: ClassVar[Mapping[str, Any]]

    @abstractmethod
    def container(self, description: Description) -> DockerContainer:
        """What runs; the same for the same description, for it is compared with what is there, and asks nothing."""

    async def installation_started(self, installation: Installation) -> None:  # noqa: B027 – most do nothing here
        """Called before the container is made or changed; what it raises holds the installation back."""

    async def installation_finished(self, installation: Installation) -> None:  # noqa: B027 – the same
        """Called when the container is ready and its endpoints are known; again where a run ended in between."""

    @staticmethod
    def connection_to(
        application: str, port: int, protocol: Protocol = Protocol.TCP, part: ConnectionPart = "host:port"
    ) -> ConnectionValue:
        """A variable's value: the nearest endpoint of another application's container port.

        `application` is "APPLICATION" of the same component, or "COMPONENT/APPLICATION".
        """
        component, _, name = application.rpartition("/")
        return ConnectionValue(application=name, component=component or None, port=port, protocol=protocol, part=part)
