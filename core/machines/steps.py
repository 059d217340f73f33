"""A step of the engine that brings one machine into a wanted state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from core.engine.step import Change, Report, Step
from core.machines.artifacts import Artifacts
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.machines.difference import diff
from core.machines.enact import enact
from core.machines.facts import gather
from core.machines.observed import Facts
from core.machines.state import Desired

Verify = Callable[[Connection, Report], Awaitable[None]]


class Unknown(Exception):
    """Something that decides a machine's wanted state is not known yet; its text names it ("the address of kube-2")."""


def machine_step(
    *,
    id: str,
    component: str,
    machine: str,
    phase: str,
    title: str,
    requires: frozenset[str],
    desired: Callable[[], Desired],
    machines: Connections,
    artifacts: Artifacts,
    exists: Callable[[], bool],
    deadline: float = 300,
    verify: Verify | None = None,
) -> Step:
    """Make a step out of a wish, which is asked for anew at every probe and may raise `Unknown`.

    `exists` says whether the machine is there: while it is not, everything counts as to be created. `verify` looks,
    after something was changed, at what no probe of machine state can see, and raises `Trouble` or waits.
    """

    async def probe() -> Sequence[Change]:
        try:
            wish = desired()
        except Unknown as unknown:
            return [Change("create", title, after=f"details known when {unknown} is known")]
        if not exists():
            return diff(wish, Facts.absent(), artifacts)
        return diff(wish, await gather(await machines.get(machine), wish), artifacts)

    async def apply(changes: Sequence[Change], report: Report) -> None:
        wish = desired()
        connection = await machines.get(machine)
        await enact(connection, wish, await gather(connection, wish), artifacts, report)
        if verify is not None:
            await verify(connection, report)

    return Step(id, component, machine, phase, title, probe, apply, requires, deadline)
