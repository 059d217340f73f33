"""Operations on live objects: their progress and results, and the journal of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.live.objects import ClusterRef, Target

Level = Literal["info", "warning", "error"]
Result = Literal["running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A sentence about what goes on; `target` is None where it is about all of them."""

    text: str
    level: Level = "info"
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """How an operation ended: `done` and `failed` count its targets, `text` sums it up in a sentence."""

    text: str
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """An edited object was taken by the server; `text` is what it is now, as YAML."""

    text: str


@dataclass(frozen=True, slots=True)
class EditConflict:
    """An edited object was changed by someone else meanwhile: what was edited from, by whom it was changed, and both
    sides as YAML; `merged` is `mine` on top of `theirs` where the two do not contradict each other, else None.
    """

    base: str
    mine: str
    theirs: str
    merged: str | None
    message: str


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An action: by whom, on what, when, how it ended. Times in seconds since the epoch; `command` does the same."""

    id: int
    started: float
    ended: float | None
    user: str
    action: str
    environment: str
    cluster: str
    subject: str
    result: Result
    text: str
    error: str
    command: str


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which entries: every field that is not empty must fit; `text` is looked for in all of an entry's texts."""

    environment: str = ""
    cluster: str = ""
    action: str = ""
    result: Result | None = None
    text: str = ""
    since: float | None = None
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Forward:
    """A port-forward: `local` is a port of the loopback, `pod` the one that it leads to now, "" while there is none."""

    id: int
    cluster: ClusterRef
    target: Target
    local: int
    remote: int
    pod: str
    connections: int
    trouble: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.local}"
