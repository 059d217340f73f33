"""The product's own steps that touch the cloud, without those that log in: nova's fake hypervisor boots nothing.

    python -m tests.openstack.driving deploy|destroy ENVIRONMENT [--publish 80/TCP/public]... [--kill-after WRITES]

What is planned, run, journaled and recovered is the product's; left out is what needs a machine that answers.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from core.clouds.arrival import create_step
from core.clouds.base import OpenPort
from core.clouds.machines import MachineContext, Node
from core.clouds.openstack.calls import Calls
from core.cluster.departure import machine_step
from core.deployment.build import check
from core.deployment.context import EnvironmentContext
from core.deployment.ground import grounded, ports_steps
from core.deployment.removal import abandoned_steps, destroy_graph
from core.engine.events import StepReported, StepRetried
from core.engine.plan import PlannedStep, plan
from core.engine.run import Order, Run
from core.engine.runner import Result
from core.engine.step import Graph, Report, Step
from core.model.document import dump, parse
from core.model.environment import Environment
from core.store.store import Store

Publish = Sequence[OpenPort]


class Unmet(EnvironmentContext):
    """An environment whose machines nobody tries to log in to."""

    async def _meet(self, context: MachineContext, nodes: Sequence[Node]) -> None:
        """The fake hypervisor's machines answer nobody."""


@dataclass
class Told:
    """How a run ended and what it said."""

    result: Result
    lines: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        return self.result.state

    @property
    def text(self) -> str:
        """The report, and why steps failed."""
        failed = [f"{one.target}: {one.title}: {one.text}" for one in self.result.failed]
        return "\n".join([*self.lines, *failed, self.result.trouble])


async def graph(context: EnvironmentContext, publish: Publish = ()) -> Graph:
    """What a deployment does to the cloud."""
    await context.observe()
    await check(context)
    steps: list[Step] = []
    for cluster in context.clusters.values():
        wish = partial(context.wish, cluster.blueprint.cluster)
        steps += [create_step(cluster, node, wish) for node in cluster.blueprint.layout.nodes]
        steps += [machine_step(cluster, node, []) for node in cluster.blueprint.layout.leaving]
    steps = grounded(context, steps)
    for cluster in context.clusters.values():
        made = [cluster.id("create", node) for node in cluster.blueprint.layout.nodes]
        steps += ports_steps(context, cluster.name, lambda: publish, made)
    return Graph.of([*steps, *abandoned_steps(context)])


async def deploy(store: Store, environment: Environment, publish: Publish = ()) -> Told:
    """Make the cloud what the document says."""
    store.environments.ensure(environment.name)

    async def stage(report: Report) -> Graph:
        return await graph(context, publish)

    context = Unmet(store, environment)
    return await _run(store, context, Order(environment.name, "deploy", dump(environment)), stage)


async def destroy(store: Store, environment: Environment) -> Told:
    """Take everything away."""

    async def stage(report: Report) -> Graph:
        return await destroy_graph(context)

    context = Unmet(store, environment)
    return await _run(store, context, Order(environment.name, "destroy", dump(environment), deleting=True), stage)


async def planned(store: Store, environment: Environment, publish: Publish = ()) -> list[PlannedStep]:
    """The steps that would do something."""
    context = Unmet(store, environment)
    try:
        return [one for one in await plan(await graph(context, publish)) if one.changes or one.trouble]
    finally:
        await context.close()


async def _run(store: Store, context: EnvironmentContext, order: Order, stage: Callable[[Report], Any]) -> Told:
    run = Run(store, order, [stage])
    lines: list[str] = []

    def hear(event: object) -> None:
        if isinstance(event, StepReported):
            lines.append(f"{event.level} {event.text}")
        elif isinstance(event, StepRetried):
            lines.append(f"retried {event.error}")

    run.bus.listen(hear)
    try:
        return Told(await run.execute(), lines)
    finally:
        await context.close()


def kill_after(writes: int) -> None:
    """End this process, with SIGKILL, at the moment that the cloud has done so many writes: nothing is recorded."""
    counter = itertools.count(1)
    done = Calls._guarded

    def guarded(self: Calls, work: Any) -> Any:
        asked = getattr(work, "asked", False)
        found = done(self, work)
        if not asked and next(counter) >= writes:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    async def ask(self: Calls, work: Any) -> Any:
        def marked(cloud: Any) -> Any:
            return work(cloud)

        marked.asked = True  # type: ignore[attr-defined]
        return await asking(self, marked)

    asking = Calls.ask
    Calls._guarded = guarded  # type: ignore[method-assign]
    Calls.ask = ask  # type: ignore[method-assign]


def port(text: str) -> OpenPort:
    """A published port as the command line takes it."""
    number, protocol, scope = text.split("/")
    return OpenPort(int(number), protocol, scope == "public")


def main() -> None:
    """Run one order; ends with 0 when it succeeded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("order", choices=["deploy", "destroy"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--publish", type=port, action="append", default=[])
    parser.add_argument("--kill-after", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.kill_after:
        kill_after(arguments.kill_after)
    environment = parse(arguments.file.read_text(), str(arguments.file))
    with Store() as store:
        if arguments.order == "deploy":
            told = asyncio.run(deploy(store, environment, arguments.publish))
        else:
            told = asyncio.run(destroy(store, environment))
    print(told.text)
    sys.exit(0 if told.state == "succeeded" else 1)


if __name__ == "__main__":
    main()
