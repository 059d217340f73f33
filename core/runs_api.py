"""What a front end may ask about runs: what one would do, how one goes, what former ones did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.status import ReportLine

if TYPE_CHECKING:
    from core.engine.events import Event


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A change that a step would make; a secret one has no diff."""

    action: str
    subject: str
    secret: bool
    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A step that would do something, or could not be looked at (`trouble`).

    `seconds` is how long such steps took here before, None where none was ever done.
    """

    id: str
    component: str
    target: str
    phase: str
    title: str
    trouble: str
    changes: tuple[PlanChange, ...]
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Quorum:
    """How etcd's votes change in a cluster; `tolerates` counts members that may be lost."""

    cluster: str
    voters_before: int
    voters_after: int
    tolerates_before: int
    tolerates_after: int
    joining: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a deployment would do now. `seconds` estimates how long it takes, from former runs; None where none knows.

    `risks` are sentences about what is worth a second look: machines that go, data that is lost, votes that change.
    """

    environment: str
    steps: tuple[PlanStep, ...]
    quorums: tuple[Quorum, ...] = ()
    seconds: float | None = None
    risks: tuple[str, ...] = ()
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What is recorded of a step of a run: how it ended ("running" while it did not), when, in how many attempts.

    `text` says what it changed, or why it failed. Times in seconds since the epoch, `seconds` of its work.
    """

    id: str
    component: str
    target: str
    phase: str
    outcome: str
    began: float
    seconds: float | None
    attempts: int
    text: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A former or present run with all that is kept of it; `document` is what was deployed."""

    number: int
    document: str
    steps: tuple[StepRecord, ...]
    lines: tuple[ReportLine, ...]


class RunsApi(Protocol):
    """Plans, live runs and the history of runs.

    Raises (every method):
        Trouble: with a sentence; Refusal where it is not allowed.
    """

    async def preview(self, environment: str) -> Preview:
        """Look at everything and say what a deployment would do; nothing is touched."""
        ...

    def events(self, environment: str) -> AsyncIterator[Event]:
        """The live run's events from its beginning to its end; nothing at all where no run is live."""
        ...

    async def record(self, environment: str, number: int) -> RunRecord:
        """A run by its number."""
        ...

    async def component_lines(self, environment: str, component: str) -> Sequence[ReportLine]:
        """The newest report lines about a component over all runs, the oldest first."""
        ...

    async def destroy(self, environment: str) -> None:
        """Begin to take everything of an environment away, in a process of its own."""
        ...

    async def removal(self, environment: str) -> Sequence[str]:
        """What a destruction would remove, a sentence each."""
        ...

    async def abandon(self, environment: str) -> str:
        """Forget an environment and leave everything as it runs; the answer says what was left."""
        ...
