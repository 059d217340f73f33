"""What runs containers: a pod of a cluster, or a Docker host of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.engine.step import Report
from core.model.container import Application
from core.model.endpoint import Endpoint


class DockerContainerHost(Protocol):
    """A pod or a Docker host, asked for one application at a time.

    What is done here is no part of the document: the next deployment brings the document about again.
    """

    @property
    def name(self) -> str:
        """The component's name."""
        ...

    @property
    def scope_id(self) -> str:
        """The same for all hosts that reach each other in scope `internal`: a cluster's name, or a host's own."""
        ...

    async def host(self, application: Application, report: Report) -> Sequence[Endpoint]:
        """Run an application, or bring the one of its name up to date; its endpoints.

        Raises:
            Refusal, Trouble: as a deployment would say it.
        """
        ...

    async def delete(self, application: str, report: Report) -> None:
        """Take an application away with its services and endpoints; those of others, and data, stay."""
        ...

    def endpoints(self, application: str) -> Sequence[Endpoint]:
        """Where an application can be reached, as last recorded."""
        ...
