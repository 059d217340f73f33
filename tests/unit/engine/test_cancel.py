"""Cancelling: nothing begins, what runs may finish, and the journal says what is half done."""

from __future__ import annotations

import asyncio

import pytest

from core.engine.bus import Bus
from core.engine.errors import Unreachable
from core.engine.journal import Journal
from core.engine.policy import Policy
from core.engine.runner import Runner
from core.engine.step import Graph, Report, Step
from core.store import Store
from tests.unit.engine.doubles import Time, World


def runner(store: Store, *steps: Step, policy: Policy) -> Runner:
    deployment = store.deployments.begin("lab", "deploy", "one", "ann")
    return Runner(Journal(store, deployment, Bus()), Graph.of(steps), policy)


async def test_running_steps_finish_and_no_new_ones_start(store: Store, world: World, time: Time) -> None:
    async def cancel_and_go_on(report: Report) -> None:
        running.cancel()
        await asyncio.sleep(0)

    running = runner(store, world.step("a", act=cancel_and_go_on), world.step("b", "a"), policy=time.policy())
    result = await running.run()
    assert {name: ending.outcome for name, ending in result.endings.items()} == {"a": "done", "b": "skipped"}
    assert (result.state, result.endings["b"].text) == ("cancelled", "not started: the run was cancelled")
    assert "probe b" not in world.log


async def test_a_step_that_outlasts_the_grace_is_stopped_and_said_to_be_half_done(
    store: Store, world: World, time: Time
) -> None:
    async def hang(report: Report) -> None:
        running.cancel()
        await asyncio.Event().wait()

    running = runner(store, world.step("a", act=hang, phase="etcd"), policy=time.policy(grace=0.01))
    result = await running.run()
    assert result.endings["a"].text == "m-a etcd: was applying 1 change: create thing a"
    last = store.journal.of(1)[-1]
    assert (last.event, last.text) == ("cancelled", "m-a etcd: was applying 1 change: create thing a")


async def test_a_second_cancel_ends_the_grace(store: Store, world: World, time: Time) -> None:
    async def hang(report: Report) -> None:
        running.cancel()
        running.cancel(at_once=True)
        await asyncio.Event().wait()

    running = runner(store, world.step("a", act=hang), policy=time.policy(grace=100_000.0))
    assert (await running.run()).endings["a"].outcome == "cancelled"


async def test_a_step_that_waits_to_be_tried_again_stops_waiting(store: Store, world: World) -> None:
    async def sleep_for_ever(seconds: float) -> None:
        running.cancel()
        await asyncio.Event().wait()

    policy = Policy(grace=100_000.0, sleep=sleep_for_ever)
    running = runner(store, world.step("a", fails=[Unreachable("no answer")]), policy=policy)
    ending = (await running.run()).endings["a"]
    assert (ending.outcome, ending.text) == (
        "cancelled",
        "m-a make: an attempt at 1 change had failed: create thing a",
    )


async def test_a_step_that_fails_after_the_cancel_is_failed_with_its_own_error(
    store: Store, world: World, time: Time
) -> None:
    async def cancel_and_fail(report: Report) -> None:
        running.cancel()
        raise Unreachable("no answer")

    running = runner(store, world.step("a", act=cancel_and_fail), policy=time.policy())
    ending = (await running.run()).endings["a"]
    assert (ending.outcome, ending.text, time.slept) == ("failed", "no answer", [])


async def test_a_step_that_does_not_stop_is_given_up_on(store: Store, world: World, time: Time) -> None:
    release = asyncio.Event()

    async def stubborn(report: Report) -> None:
        running.cancel(at_once=True)
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    running = runner(store, world.step("a", act=stubborn), policy=time.policy(grace=0.0, abort=0.01))
    try:
        result = await running.run()
    finally:
        release.set()
    assert result.endings["a"].outcome == "cancelled"
    assert "did not stop" in result.endings["a"].text


async def test_cancelling_the_calling_task_writes_down_what_was_running(store: Store, world: World, time: Time) -> None:
    applying = asyncio.Event()

    async def hang(report: Report) -> None:
        applying.set()
        await asyncio.Event().wait()

    running = runner(store, world.step("a", act=hang), world.step("b", "a"), policy=time.policy())
    task = asyncio.create_task(running.run())
    await applying.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await running._journal.close()
    written = [(entry.step, entry.event) for entry in store.journal.of(1)]
    assert sorted(written) == [("a", "cancelled"), ("a", "intent"), ("b", "skipped")]
