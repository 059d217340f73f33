"""What a front end may ask for; `core.console.Console` answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol

from core.documents_api import DocumentsApi
from core.live.api import LiveApi
from core.runs_api import RunsApi
from core.status import DeploymentStatus, EndpointStatus, EnvironmentStatus, ReportLine, UsageStatus

if TYPE_CHECKING:
    from core.model.catalogue import Entry
    from core.model.composition import Order


class ConsoleApi(Protocol):
    """What a front end may ask for; all of it may be called from the event loop, nothing of it blocks.

    Trouble reaches the caller as `core.engine.errors.Trouble` with a sentence.
    """

    @property
    def live(self) -> LiveApi:
        """What is asked of live clusters."""
        ...

    @property
    def documents(self) -> DocumentsApi:
        """What is asked about documents and drafts."""
        ...

    @property
    def runs(self) -> RunsApi:
        """What is asked about plans and runs."""
        ...

    async def environments(self) -> list[EnvironmentStatus]:
        """Every environment, from the database alone: components without live facts."""
        ...

    async def status(self, environment: str) -> EnvironmentStatus:
        """An environment with live facts from its machines and clusters."""
        ...

    async def endpoints(self, environment: str) -> list[EndpointStatus]: ...

    async def plan(self, environment: str) -> list[str]:
        """The plan as lines of text, one block a step with its diff; empty where nothing is to be done."""
        ...

    async def deploy(self, environment: str) -> None:
        """Start a deployment in a process of its own; it goes on when the caller ends."""
        ...

    async def act(self, environment: str, component: str, action: str) -> None:
        """Start an action in a process of its own; `component` may be "HOST/APPLICATION" where an action can be so.

        Raises:
            Refusal: the action's guard says no, with its reason.
        """
        ...

    async def cancel(self, environment: str) -> None: ...

    def follow(self, environment: str) -> AsyncIterator[ReportLine]:
        """The lines of the newest deployment's report, then those of the live run until it ends."""
        ...

    async def deployments(self, environment: str) -> list[DeploymentStatus]: ...

    def logs(self, environment: str, place: str, follow: bool = True) -> AsyncIterator[str]:
        """The log lines of a KubernetesPod's replicas or of a Docker host's containers, each after its source's name.

        `place` is "COMPONENT" or "COMPONENT/APPLICATION".
        """
        ...

    async def usage(self, environment: str, place: str) -> list[UsageStatus]:
        """What the containers of a Docker host use now; `place` as for `logs`."""
        ...

    def catalogue(self, category: str | None = None, tag: str | None = None, text: str | None = None) -> list[Entry]:
        """The listed entries of the catalogue that fit, by category and title; the first call reads its files."""
        ...

    def catalogue_troubles(self) -> list[str]:
        """What could not be read of the catalogue, a sentence each."""
        ...

    async def add(self, environment: str, order: Order) -> str:
        """Add an entry of the catalogue to an environment's draft; returns a sentence.

        Raises:
            Refusal: the entry does not go there.
            DocumentError: a parameter is missing or wrong, or a name is taken.
        """
        ...

    def changes(self, environment: str) -> AsyncIterator[EnvironmentStatus]:
        """A new status each time that something changed, for as long as the caller listens."""
        ...
