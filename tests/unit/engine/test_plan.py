"""Planning: every probe's changes, and nothing touched."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.engine.errors import Unreachable
from core.engine.plan import plan
from core.engine.step import Change, Graph, Report, Step
from tests.unit.engine.doubles import World


async def test_a_plan_has_every_step_in_order_with_its_changes(world: World) -> None:
    world.made.add("a")
    planned = await plan(Graph.of([world.step("b", "a"), world.step("a")]))
    assert [(one.step.id, one.changes, one.trouble) for one in planned] == [
        ("a", (), ""),
        ("b", (Change("create", "thing b"),), ""),
    ]
    assert sorted(world.log) == ["probe a", "probe b"]


async def test_a_probe_that_fails_is_told_and_ends_nothing(world: World) -> None:
    steps = [
        world.step("a", probe_fails=[Unreachable("no answer", where="kube-1")]),
        world.step("b", probe_fails=[KeyError("token=abcdef")]),
        world.step("c"),
    ]
    planned = await plan(Graph.of(steps))
    assert [one.trouble for one in planned] == ["kube-1: no answer", "KeyError: 'token=[hidden]'", ""]
    assert len(planned[2].changes) == 1


async def test_a_probe_that_hangs_ends_at_its_deadline() -> None:
    async def hang() -> Sequence[Change]:
        return await asyncio.Future()

    async def untouched(changes: Sequence[Change], report: Report) -> None:
        raise AssertionError("a plan applied something")

    step = Step("a", "alpha", "m-a", "make", "make a", hang, untouched, deadline=0.02)
    assert (await plan(Graph.of([step])))[0].trouble == "the probe did not end within 0 s"


async def test_at_most_so_many_probes_run_at_once() -> None:
    running, most = 0, 0

    async def probe() -> Sequence[Change]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return ()

    async def untouched(changes: Sequence[Change], report: Report) -> None:
        raise AssertionError("a plan applied something")

    steps = [Step(str(number), "a", "m", "p", "t", probe, untouched) for number in range(20)]
    await plan(Graph.of(steps), limit=3)
    assert most == 3
