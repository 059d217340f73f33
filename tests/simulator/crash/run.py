"""A run in a process of its own that kills itself, with SIGKILL, at a point of it.

By hand: `python -m tests.simulator.crash.run HOME ENVIRONMENT deploy alpha/kube-2/etcd inside 3`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

# What a run would import on its way is imported before the process is forked.
import aiodocker  # noqa: F401
import asyncssh  # noqa: F401
import kubernetes_asyncio.client  # noqa: F401

import core.cluster.plan
import core.deployment.runs
import core.engine.run
from core.console import Console
from core.deployment.context import EnvironmentContext
from core.engine.journal import Journal
from core.engine.step import Change, Graph, Report, Step
from core.output import Printer
from core.store.journal import StepEvent
from core.store.store import Store
from tests.simulator.crash.points import Point, Where

TURNS = "turns.json"


class Watch:
    """Sees a run pass its points; counts how often each step's work waits, and kills the process at one point."""

    def __init__(self, point: Point | None = None) -> None:
        self.point = point
        self.turns: dict[str, int] = {}

    def passes(self, step: str, where: Where, turn: int = 0) -> None:
        """The run is here now; does not return from where it is killed."""
        if self.point == Point(step, where, turn):
            os.kill(os.getpid(), signal.SIGKILL)

    def waits(self, step: str) -> None:
        """A step's work is about to wait for something."""
        self.turns[step] += 1
        self.passes(step, "inside", self.turns[step])

    def graph(self, graph: Graph) -> Graph:
        """The same graph, with every step's work watched."""
        return Graph(tuple(replace(step, apply=self._apply(step)) for step in graph.steps))

    def _apply(self, step: Step) -> Callable[[Sequence[Change], Report], Coroutine[Any, Any, None]]:
        async def apply(changes: Sequence[Change], report: Report) -> None:
            self.turns[step.id] = 0
            self.passes(step.id, "intended")
            await _Counted(step.apply(changes, report), lambda: self.waits(step.id))
            if self.point is not None and self.point.where == "inside" and self.point.step == step.id:
                # It waited less often than in the run that was counted: it is killed before anybody looks at it.
                os.kill(os.getpid(), signal.SIGKILL)
            self.passes(step.id, "applied")

        return apply


class _Counted:
    """Awaits something, and tells each time before it waits."""

    def __init__(self, work: Any, told: Callable[[], None]) -> None:
        self._work = work
        self._told = told

    def __await__(self) -> Generator[Any, Any, None]:
        inner = self._work.__await__()
        advance: Callable[[], Any] = lambda: next(inner)  # noqa: E731
        while True:
            try:
                waited = advance()
            except StopIteration:
                return
            self._told()
            try:
                yield waited
            except BaseException as error:
                thrown = error
                advance = lambda: inner.throw(thrown)  # noqa: E731, B023
            else:
                advance = lambda: next(inner)  # noqa: E731


def watched_journal(watch: Watch) -> type[Journal]:
    """A journal that tells when a step's end is on the disk."""

    class Watched(Journal):
        async def record(
            self, step: Step, event: StepEvent, text: str, *, attempt: int = 0, seconds: float | None = None
        ) -> None:
            await super().record(step, event, text, attempt=attempt, seconds=seconds)
            if event == "done":
                watch.passes(step.id, "ended")

    return Watched


class _Silent:
    """Nobody reads what the run reports."""

    def line(self, component: str, machine: str, level: str, text: str) -> None:
        """Say nothing."""

    def end(self, state: str, message: str, *, simulated: bool = False) -> None:
        """Say nothing."""


async def _run(home: Path, environment: str, action: str) -> bool:
    with Store(home) as store:
        console, silent = Console(store), cast(Printer, _Silent())
        if action == "deploy":
            return (await console.deploy_here(environment, silent)).good
        return (await console.act_here(environment, "alpha", action, silent)).good


def _point(step: str, where: str, turn: str = "0") -> Point:
    return Point(step, cast("Where", where), int(turn))


def main(home: str, environment: str, action: str, *point: str) -> None:
    """Run an action, to a point or to its end; then TURNS in the home has how often each step's work waited."""
    watch = Watch(_point(*point) if point else None)
    runs: Any = core.deployment.runs
    build = runs.deployment_graph

    async def watched(context: EnvironmentContext) -> Graph:
        return watch.graph(await build(context))

    runs.deployment_graph = watched
    engine: Any = core.engine.run
    engine.Journal = watched_journal(watch)
    good = asyncio.run(_run(Path(home), environment, action))
    (Path(home) / TURNS).write_text(json.dumps(watch.turns))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
