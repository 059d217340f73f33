"""Steps whose world is a set of names, and a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from core.engine.policy import Policy
from core.engine.step import Change, Graph, Report, Step

Act = Callable[[Report], Awaitable[None]]


@dataclass
class Time:
    """A clock; `slept` are the waits that were asked for."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def policy(self, grace: float = 30.0, abort: float = 10.0, jitter: float = 0.0) -> Policy:
        return Policy(grace=grace, abort=abort, clock=lambda: self.now, sleep=self.sleep, jitter=lambda: jitter)


@dataclass
class World:
    """What was made so far; `log` has every probe and apply in the order they began."""

    made: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)

    def step(
        self,
        name: str,
        *requires: str,
        fails: Iterable[Exception] = (),
        act: Act | None = None,
        probe_fails: Iterable[Exception] = (),
        deadline: float = 300.0,
        makes: bool = True,
        phase: str = "make",
    ) -> Step:
        """A step that makes its name; each apply (or probe) first raises the next of the errors given."""
        failures, probe_failures = iter(tuple(fails)), iter(tuple(probe_fails))

        async def probe() -> Sequence[Change]:
            self.log.append(f"probe {name}")
            for error in probe_failures:
                raise error
            return () if name in self.made else (Change("create", f"thing {name}"),)

        async def apply(changes: Sequence[Change], report: Report) -> None:
            self.log.append(f"apply {name}")
            for error in failures:
                raise error
            if act is not None:
                await act(report)
            if makes:
                self.made.add(name)

        needs = frozenset(requires)
        return Step(name, "alpha", f"m-{name}", phase, f"make {name}", probe, apply, needs, deadline)


def stage(*steps: Step) -> Callable[[Report], Awaitable[Graph]]:
    async def build(report: Report) -> Graph:
        return Graph.of(steps)

    return build
