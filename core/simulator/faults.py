"""Faults that can be injected into the simulated world: a table of kinds as data, and what is active now.

The parts of the simulator ask before they act: `active` says whether a fault strikes and leaves it, `take` also uses
up one of its times. A fault without a count strikes until it is cleared or its duration is over.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

Scope = Literal["environment", "machine", "pod"]
Value = float | str


class UnknownFault(ValueError):
    """There is no such kind of fault, or it does not take what was given; the text says what is allowed."""


class Subject(Protocol):
    """What a fault strikes: a machine, or whatever else has an environment and a name."""

    @property
    def environment(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Named:
    """A subject that is no machine yet."""

    environment: str
    name: str


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault: the parameters it takes with their defaults, where it acts, and what happens then.

    `scopes` are what it can be aimed at; `count` is how many times it strikes where nothing is said, None without end.
    """

    name: str
    takes: Mapping[str, Value]
    scopes: tuple[Scope, ...]
    where: str
    sentence: str
    count: int | None = None


KINDS: dict[str, FaultKind] = {
    kind.name: kind
    for kind in (
        FaultKind(
            "ssh-drop",
            {"after_bytes": 0.0, "after_ms": 0.0},
            ("environment", "machine"),
            "ssh",
            "the connection is cut while a command runs, after so many bytes of its output or milliseconds",
            count=1,
        ),
        FaultKind(
            "connection-refused",
            {},
            ("environment", "machine"),
            "ssh",
            "nothing listens on the machine's SSH port",
        ),
        FaultKind(
            "wrong-host-key",
            {},
            ("environment", "machine"),
            "ssh",
            "the machine shows another host key than the pinned one",
        ),
        FaultKind(
            "create-error",
            {"fault": "No valid host was found."},
            ("environment", "machine"),
            "provider",
            "a machine that is made ends in status error, with the fault's text",
            count=1,
        ),
        FaultKind(
            "quota-exceeded",
            {"machines": 0.0},
            ("environment",),
            "provider",
            "the environment may have no more than so many machines",
        ),
        FaultKind(
            "machine-vanished",
            {},
            ("machine",),
            "provider",
            "the machine is gone with its disk, and nobody was told",
            count=1,
        ),
        FaultKind(
            "slow-machine",
            {"factor": 5.0, "latency_ms": 0.0},
            ("environment", "machine"),
            "shell",
            "everything that the machine does takes so many times as long, and so many milliseconds more",
        ),
        FaultKind(
            "disk-full",
            {},
            ("environment", "machine"),
            "files",
            "writing a file fails with: No space left on device",
        ),
        FaultKind(
            "clock-skew",
            {"seconds": 300.0},
            ("environment", "machine"),
            "clock",
            "the machine's clock is so many seconds ahead, or behind where negative",
        ),
        FaultKind(
            "etcd-member-down",
            {},
            ("environment", "machine"),
            "etcd",
            "the machine's etcd member answers nobody and counts for no quorum",
        ),
        FaultKind(
            "api-away",
            {},
            ("environment", "machine"),
            "kubernetes",
            "the Kubernetes API of the control plane accepts no connection",
        ),
        FaultKind(
            "pod-crash-loop",
            {"status": 1.0},
            ("environment", "machine", "pod"),
            "kubelet",
            "containers of pods whose name begins so end with this status as soon as they have started",
        ),
    )
}
"""Every kind of fault by its name."""


@dataclass(slots=True)
class Fault:
    """An injected fault. `machine` and `pod` are empty where it strikes all of them; `pod` is a beginning of names.

    `left` is how many times it still strikes, None without end; `until` when it is over, in seconds since the epoch.
    """

    id: int
    kind: str
    environment: str
    machine: str = ""
    pod: str = ""
    parameters: dict[str, Value] = field(default_factory=dict)
    left: int | None = None
    until: float | None = None

    def number(self, parameter: str) -> float:
        """A parameter as a number."""
        return float(self.parameters[parameter])

    def text(self, parameter: str) -> str:
        """A parameter as text."""
        return str(self.parameters[parameter])

    def strikes(self, subject: Subject, pod: str) -> bool:
        """Whether it is aimed at a subject, or at a pod on it."""
        here = self.environment == subject.environment and self.machine in ("", subject.name)
        return here and pod.startswith(self.pod) and bool(pod or not self.pod)


class Faults:
    """What is wrong in the world now. `listen` tells when that changes: injected, cleared or over."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._faults: dict[int, Fault] = {}
        self._numbers = itertools.count(1)
        self._listeners: list[Callable[[], None]] = []

    def listen(self, told: Callable[[], None]) -> None:
        """Be told after each change. Who acts on a fault that ends by its duration looks again by itself."""
        self._listeners.append(told)

    def inject(
        self,
        kind: str,
        environment: str,
        machine: str = "",
        pod: str = "",
        parameters: Mapping[str, Value] | None = None,
        *,
        count: int | None = None,
        duration: float | None = None,
    ) -> Fault:
        """Make something go wrong from now on.

        Raises:
            UnknownFault: there is no such kind, or it takes no such parameter or aim.
        """
        known = _checked(kind, machine, pod, parameters or {})
        fault = Fault(
            id=next(self._numbers),
            kind=kind,
            environment=environment,
            machine=machine,
            pod=pod,
            parameters={**known.takes, **(parameters or {})},
            left=count if count is not None else known.count if duration is None else None,
            until=self._clock() + duration if duration is not None else None,
        )
        self._faults[fault.id] = fault
        self._tell()
        return fault

    def active(self, kind: str, subject: Subject, pod: str = "") -> Fault | None:
        """The oldest fault of a kind that strikes a subject now; nothing is used up."""
        return next((fault for fault in self.all() if fault.kind == kind and fault.strikes(subject, pod)), None)

    def take(self, kind: str, subject: Subject, pod: str = "") -> Fault | None:
        """As `active`, and one of its times is used up."""
        fault = self.active(kind, subject, pod)
        if fault is not None and fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                self.clear(fault.id)
        return fault

    def all(self) -> Iterator[Fault]:
        """All faults that are not over, oldest first."""
        if not self._faults:
            return iter(())
        now = self._clock()
        return (fault for fault in list(self._faults.values()) if fault.until is None or fault.until > now)

    def clear(self, number: int | None = None, *, environment: str | None = None) -> int:
        """Take away one fault, those of an environment, or all; says how many that were."""
        gone = [
            fault.id
            for fault in self._faults.values()
            if number in (None, fault.id) and environment in (None, fault.environment)
        ]
        for one in gone:
            del self._faults[one]
        if gone:
            self._tell()
        return len(gone)

    def dump(self) -> list[dict[str, Any]]:
        """All faults as JSON values."""
        return [asdict(fault) for fault in self.all()]

    def load(self, saved: list[dict[str, Any]]) -> None:
        """Take up what `dump` gave."""
        self._faults = {fault.id: fault for fault in (Fault(**values) for values in saved)}
        self._numbers = itertools.count(max(self._faults, default=0) + 1)

    def _tell(self) -> None:
        for told in list(self._listeners):
            told()


def _checked(kind: str, machine: str, pod: str, parameters: Mapping[str, Value]) -> FaultKind:
    known = KINDS.get(kind)
    if known is None:
        raise UnknownFault(f"there is no fault {kind}; there are {', '.join(KINDS)}")
    aims: dict[Scope, str] = {"machine": machine, "pod": pod}
    for scope, aim in aims.items():
        if aim and scope not in known.scopes:
            raise UnknownFault(f"{kind} strikes {' or '.join(known.scopes)}, no {scope}")
    if known.scopes == ("machine",) and not machine:
        raise UnknownFault(f"{kind} strikes one machine: name it")
    for name, value in parameters.items():
        _check_parameter(known, name, value)
    return known


def _check_parameter(kind: FaultKind, name: str, value: Value) -> None:
    if name not in kind.takes:
        raise UnknownFault(f"{kind.name} takes {', '.join(kind.takes) or 'no parameter'}, not {name}")
    if isinstance(kind.takes[name], float) and not isinstance(value, int | float):
        raise UnknownFault(f"{name} of {kind.name} is a number, not {value!r}")
