"""What a step is: something wanted, how to see whether it holds, and how to bring it about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Action = Literal["create", "update", "delete", "start", "restart", "stop", "run", "wait"]
Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what is and what is wanted; its diff is what a plan shows.

    `subject` names the thing ("file /etc/hosts", "unit etcd.service", "machine kube-2"). `before` and `after`
    are texts for a line diff, both empty where there is nothing to compare. Contents of a `secret` change are
    never put in `before` or `after`.
    """

    action: Action
    subject: str
    before: str = ""
    after: str = ""
    secret: bool = False


class Report(Protocol):
    """Takes one line for the deployment's report; never given a secret."""

    def __call__(self, text: str, level: Level = "info") -> None: ...


Probe = Callable[[], Awaitable[Sequence[Change]]]
Apply = Callable[[Sequence[Change], Report], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Step:
    """A node of the graph. It is done when `probe` finds no change, never because something remembers it.

    `id` is unique in a graph and stable between runs ("alpha/kube-2/etcd"). `target` is the machine or component
    it works on, `component` the component of the environment it belongs to, `phase` its column in the deployment
    matrix ("create", "etcd", …). `requires` are ids of steps that must be done before. `deadline` is seconds for
    all attempts of `apply` together. `probe` touches nothing, and answers for a machine that does not exist yet
    with everything it would create. `apply` is given the changes that the probe just found.
    """

    id: str
    component: str
    target: str
    phase: str
    title: str
    probe: Probe
    apply: Apply
    requires: frozenset[str] = frozenset()
    deadline: float = 300.0


@dataclass(frozen=True, slots=True)
class Graph:
    """Steps in an order in which every step comes after those it requires."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, steps: Iterable[Step]) -> Graph:
        """Sort steps by their requirements.

        Raises:
            ValueError: two steps share an id, a requirement is unknown, or the requirements form a circle.
        """
        waiting = _by_id(steps)
        ordered: dict[str, Step] = {}
        while waiting:
            ready = [step for step in waiting.values() if step.requires <= ordered.keys()]
            if not ready:
                raise ValueError(f"steps wait for each other: {', '.join(sorted(waiting))}")
            for step in ready:
                ordered[step.id] = waiting.pop(step.id)
        return cls(tuple(ordered.values()))


def _by_id(steps: Iterable[Step]) -> dict[str, Step]:
    found: dict[str, Step] = {}
    for step in steps:
        if step.id in found:
            raise ValueError(f"two steps are called {step.id}")
        found[step.id] = step
    unknown = {need for step in found.values() for need in step.requires} - found.keys()
    if unknown:
        raise ValueError(f"no step is called {', '.join(sorted(unknown))}")
    return found
