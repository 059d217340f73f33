"""A whole run: lock, deployment, stages, socket, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Sequence

import pytest

from core.engine.bus import Bus
from core.engine.errors import Refusal, Trouble
from core.engine.events import Event, RunFinished, RunStarted, StageStarted, StepFinished
from core.engine.lock import acquire, live_holder
from core.engine.run import Order, Run, run
from core.engine.session import follow, request_cancel, socket_path
from core.engine.step import Graph, Report
from core.store import Store
from tests.unit.engine.doubles import Time, World, stage

ORDER = Order("lab", "deploy", "one", owner="ann")


def ending(store: Store) -> tuple[str, str, bool]:
    """The newest deployment's state, the environment's status, and whether the lock is free."""
    latest = store.deployments.latest("lab")
    assert latest
    return latest.state, store.environments.require("lab").status, store.locks.holder("lab") is None


def texts(store: Store, number: int = 1) -> list[str]:
    return [line.text for line in store.lines.after(store.deployments.numbered("lab", number).id)]


async def test_a_run_ends_with_everything_stored_and_the_lock_free(store: Store, world: World) -> None:
    result = await run(store, ORDER, [stage(world.step("a"), world.step("b", "a"))])
    assert result.state == "succeeded"
    assert ending(store) == ("succeeded", "ready", True)
    assert (texts(store)[0], texts(store)[-1]) == ("deploy started by ann", "deploy finished")
    assert not socket_path(store.home, "lab").exists()


async def test_a_run_after_a_finished_run_changes_nothing(store: Store, world: World) -> None:
    steps = stage(world.step("a"), world.step("b", "a"))
    await run(store, ORDER, [steps])
    world.log.clear()
    assert (await run(store, ORDER, [steps])).counts == {"unchanged": 2}
    assert world.log == ["probe a", "probe b"]
    assert texts(store, 2) == ["deploy started by ann", "deploy finished"]


async def test_a_later_stage_is_built_when_the_earlier_one_is_done(store: Store, world: World) -> None:
    async def build(report: Report) -> Graph:
        report(f"made so far: {sorted(world.made)}")
        return Graph.of([world.step("b")])

    result = await run(store, ORDER, [stage(world.step("a")), build])
    assert list(result.endings) == ["a", "b"]
    assert "made so far: ['a']" in texts(store)


async def test_after_a_failed_stage_the_next_is_not_built(store: Store, world: World) -> None:
    result = await run(store, ORDER, [stage(world.step("a", fails=[Trouble("no")])), stage(world.step("b"))])
    assert (result.state, list(result.endings)) == ("failed", ["a"])
    assert ending(store) == ("failed", "deploy failure", True)
    assert texts(store)[-1] == "deploy failed"


@pytest.mark.parametrize(
    ("error", "text"), [(Trouble("no room", where="cloud"), "cloud: no room"), (KeyError("x"), "KeyError: 'x'")]
)
async def test_a_graph_that_cannot_be_built_fails_the_run_with_a_sentence(
    store: Store, error: Exception, text: str
) -> None:
    async def build(report: Report) -> Graph:
        raise error

    result = await run(store, ORDER, [build])
    assert result.trouble.startswith(text)
    assert ending(store) == ("failed", "deploy failure", True)
    assert result.trouble in texts(store)


async def test_a_second_run_is_refused_and_leaves_no_trace(store: Store, world: World) -> None:
    held = acquire(store, "lab", "bob")
    with pytest.raises(Refusal, match="a run by bob"):
        await run(store, ORDER, [stage(world.step("a"))])
    assert (store.deployments.list("lab"), world.log) == ([], [])
    held.release()


async def test_a_stale_draft_is_refused_and_the_lock_given_back(store: Store, world: World) -> None:
    first, second = store.drafts.save("lab", "one", "ann"), store.drafts.save("lab", "two", "bob")
    await run(store, Order("lab", "deploy", "one", draft=first), [stage()])
    with pytest.raises(Refusal, match="from version 0"):
        await run(store, Order("lab", "deploy", "two", draft=second), [stage(world.step("a"))])
    assert (ending(store), world.log) == (("succeeded", "pending", True), [])


async def test_a_run_that_deletes_leaves_a_new_environment(store: Store, world: World) -> None:
    await run(store, Order("lab", "destroy", "one", deleting=True), [stage(world.step("a"))])
    assert ending(store) == ("succeeded", "new", True)


async def test_the_events_tell_the_run_in_order(store: Store, world: World) -> None:
    bus = Bus()
    subscription = bus.subscribe()
    await run(store, ORDER, [stage(world.step("a"))], bus)
    events = [event async for event in subscription]
    kinds = [type(event).__name__ for event in events if type(event).__name__ != "StepReported"]
    assert kinds == ["RunStarted", "StageStarted", "StepStarted", "ApplyStarted", "StepFinished", "RunFinished"]
    first, last = events[0], events[-1]
    assert isinstance(first, RunStarted)
    assert isinstance(last, RunFinished)
    assert (first.owner, first.deployment, last.state, last.counts) == ("ann", 1, "succeeded", {"done": 1})


async def test_when_the_end_is_told_all_is_stored_and_the_next_run_may_start(store: Store, world: World) -> None:
    at_the_end: list[object] = []

    class Watched(Bus):
        def publish(self, event: Event) -> None:
            if isinstance(event, RunFinished):
                at_the_end.append((ending(store), socket_path(store.home, "lab").exists()))
            super().publish(event)

    await run(store, ORDER, [stage(world.step("a"))], Watched())
    assert at_the_end == [(("succeeded", "ready", True), False)]


async def test_estimates_come_from_earlier_runs(store: Store, world: World, time: Time) -> None:
    async def take_a_while(report: Report) -> None:
        time.now += 12.0

    await run(store, ORDER, [stage(world.step("a", act=take_a_while))], policy=time.policy())
    bus = Bus()
    subscription = bus.subscribe()
    await run(store, ORDER, [stage(world.step("a"), world.step("x", phase="other"))], bus)
    infos = [step for event in await drained(subscription) if isinstance(event, StageStarted) for step in event.steps]
    assert [(info.id, info.estimate) for info in infos] == [("a", 12.0), ("x", None)]


async def drained(subscription: AsyncIterable[Event]) -> Sequence[Event]:
    return [event async for event in subscription]


async def test_cancelling_between_stages_starts_no_other(store: Store, world: World) -> None:
    async def cancel(report: Report) -> None:
        live.cancel()

    live = Run(store, ORDER, [stage(world.step("a", act=cancel)), stage(world.step("b"))])
    result = await live.execute()
    assert (result.state, list(result.endings)) == ("cancelled", ["a"])
    assert ending(store) == ("cancelled", "deploy failure", True)


async def test_cancelling_while_a_graph_is_built_ends_the_building(store: Store) -> None:
    async def build(report: Report) -> Graph:
        live.cancel()
        return await asyncio.Future()

    live = Run(store, ORDER, [build])
    assert (await live.execute()).state == "cancelled"
    assert ending(store) == ("cancelled", "deploy failure", True)


async def test_a_follower_cancels_a_run_and_sees_its_end(store: Store, world: World) -> None:
    applying = asyncio.Event()

    async def hang(report: Report) -> None:
        applying.set()
        await asyncio.Event().wait()

    live = Run(store, ORDER, [stage(world.step("a", act=hang))], policy=Time().policy(grace=0.0))
    task = asyncio.create_task(live.execute())
    await applying.wait()
    following = asyncio.create_task(drained(follow(store.home, "lab")))
    assert await request_cancel(store.home, "lab")
    events = await following
    assert (await task).state == "cancelled"
    assert [event.outcome for event in events if isinstance(event, StepFinished)] == ["cancelled"]
    assert isinstance(events[-1], RunFinished)


async def test_a_task_that_is_cancelled_from_outside_still_ends_its_run_properly(store: Store, world: World) -> None:
    applying = asyncio.Event()

    async def hang(report: Report) -> None:
        applying.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(run(store, ORDER, [stage(world.step("a", act=hang))]))
    await applying.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ending(store) == ("cancelled", "deploy failure", True)
    assert "m-a: make a: cancelled: m-a make: was applying 1 change: create thing a" in texts(store)


async def test_a_run_that_lost_its_lock_stops_and_leaves_the_new_holder_alone(
    store: Store, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.engine.run.BEAT_SECONDS", 0.0)

    async def lose_the_lock(report: Report) -> None:
        holder = store.locks.holder("lab")
        assert holder
        store.locks.remove(holder.token)
        store.deployments.interrupt("lab")
        acquire(store, "lab", "bob")
        await asyncio.Event().wait()

    with pytest.raises(Refusal, match="another run has taken over"):
        await run(store, ORDER, [stage(world.step("a", act=lose_the_lock))])
    holder = live_holder(store, "lab")
    assert holder
    assert (holder.owner, store.deployments.numbered("lab", 1).state) == ("bob", "interrupted")
