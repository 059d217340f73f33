"""What a kubelet keeps in mind of a pod: small, for there are thousands."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import Literal

from core.simulator.kubernetes.shape import Key

NEVER = math.inf

Kind = Literal["init", "sidecar", "main"]
State = Literal["waiting", "running", "ended"]
Step = Literal["", "pull", "pulled", "refused", "start", "again"]
Stage = Literal["sandbox", "running", "stopping", "done"]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of a container ended; times in seconds since the epoch."""

    exit_code: int
    reason: str
    started: float
    finished: float
    attempt: int


@dataclass(slots=True)
class ContainerRun:
    """A container: what it does now, how its last run ended, and what comes next, and when.

    `due` is when `step` is to be done; `exits` and `probes` are when its process ends and when it is probed next.
    """

    name: str
    kind: Kind = "main"
    state: State = "waiting"
    reason: str = "ContainerCreating"
    message: str = ""
    attempt: int = 0
    started: float = 0.0
    ready: bool = False
    end: Ended | None = None
    last: Ended | None = None
    step: Step = ""
    due: float = NEVER
    exits: float = NEVER
    exit_code: int = 0
    exit_reason: str = ""
    probes: float = NEVER
    failures: int = 0
    pulls: int = 0
    crashes: int = 0

    @property
    def next(self) -> float:
        """When something happens to it next."""
        return min(self.due, self.exits, self.probes)

    @property
    def succeeded(self) -> bool:
        """Whether its run ended well."""
        return self.state == "ended" and self.end is not None and self.end.exit_code == 0

    def wait(self, reason: str, message: str = "") -> None:
        """It does not run now, and this is why."""
        self.state, self.reason, self.message, self.ready = "waiting", reason, message, False

    def then(self, step: Step, due: float) -> None:
        """What comes next, and when."""
        self.step, self.due = step, due


@dataclass(slots=True)
class PodRun:
    """A pod on a node; `serial` tells its entries in a queue of times apart from outdated ones."""

    key: Key
    uid: str
    node: str
    ip: str
    began: float
    stage: Stage = "sandbox"
    due: float = NEVER
    containers: list[ContainerRun] = field(default_factory=list)
    serial: int = 0
    hindered: str = ""

    @property
    def next(self) -> float:
        """When something happens to it next."""
        return min([self.due, *(one.next for one in self.containers)])

    def container(self, name: str) -> ContainerRun | None:
        """A container by its name."""
        return next((one for one in self.containers if one.name == name), None)


def container_id(uid: str, name: str, attempt: int) -> str:
    """The runtime's id of one run of a container, without the runtime's name."""
    return hashlib.sha256(f"{uid}/{name}/{attempt}".encode()).hexdigest()
