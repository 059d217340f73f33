"""Trying again: which errors, how often, how patiently – in time that only the test moves."""

from __future__ import annotations

import random

import pytest

from core.engine.errors import Refusal, Transient, Trouble, Unreachable
from core.engine.policy import RETRIES, Policy, Retry
from core.store import Store
from tests.unit.engine.conftest import RunSteps
from tests.unit.engine.doubles import Time, World


@pytest.mark.parametrize(
    "error", [Transient("busy"), Unreachable("no answer"), ConnectionResetError("gone"), TimeoutError("late")]
)
async def test_what_may_pass_is_tried_again_after_a_new_probe(
    world: World, run_steps: RunSteps, error: Exception
) -> None:
    result = await run_steps(world.step("a", fails=[error, error]))
    assert result.state == "succeeded"
    assert world.log == ["probe a", "apply a"] * 3 + ["probe a"]


async def test_waits_grow_up_to_a_bound(world: World, run_steps: RunSteps, time: Time) -> None:
    await run_steps(world.step("a", fails=[Transient("busy")] * 8))
    assert time.slept == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]


async def test_a_step_that_came_about_all_the_same_is_not_applied_again(world: World, run_steps: RunSteps) -> None:
    async def made_but_connection_lost(report: object) -> None:
        world.made.add("a")
        raise Unreachable("the connection is lost")

    result = await run_steps(world.step("a", act=made_but_connection_lost))
    assert (result.endings["a"].outcome, world.log) == ("done", ["probe a", "apply a", "probe a"])


async def test_a_probe_that_cannot_reach_is_tried_again(world: World, run_steps: RunSteps) -> None:
    result = await run_steps(world.step("a", probe_fails=[Unreachable("no answer")] * 3))
    assert (result.state, world.log.count("apply a")) == ("succeeded", 1)


async def test_attempts_are_bounded_per_kind_of_error(world: World, run_steps: RunSteps) -> None:
    result = await run_steps(world.step("a", fails=[ConnectionRefusedError("no")] * 99))
    assert world.log.count("apply a") == 6
    assert result.failed[0].text.startswith("ConnectionRefusedError: no (after 6 attempts)")


async def test_nothing_is_tried_beyond_the_deadline(world: World, run_steps: RunSteps, time: Time) -> None:
    result = await run_steps(world.step("a", fails=[Unreachable("no answer")] * 99, deadline=20.0))
    assert sum(time.slept) <= 20.0
    assert result.failed[0].text == f"no answer (after {len(time.slept) + 1} attempts)"


async def test_each_attempt_is_journalled(world: World, run_steps: RunSteps, store: Store) -> None:
    await run_steps(world.step("a", fails=[Transient("busy")]))
    rows = [(entry.event, entry.attempt) for entry in store.journal.of(1)]
    assert rows == [("intent", 1), ("failed", 1), ("intent", 2), ("done", 2)]
    assert "make a: busy; trying again in 0.5 s" in [line.text for line in store.lines.after(1)]


@pytest.mark.parametrize("error", [FileNotFoundError("key"), PermissionError("key"), Trouble("no"), ValueError("x")])
async def test_what_does_not_pass_by_itself_is_tried_once(world: World, run_steps: RunSteps, error: Exception) -> None:
    result = await run_steps(world.step("a", fails=[error]))
    assert (result.state, world.log.count("apply a")) == ("failed", 1)


async def test_a_group_of_errors_is_met_as_its_gravest(world: World, run_steps: RunSteps) -> None:
    passing = ExceptionGroup("two", [Transient("busy"), Unreachable("no answer")])
    assert (await run_steps(world.step("a", fails=[passing]))).state == "succeeded"
    grave = ExceptionGroup("two", [Transient("busy"), ExceptionGroup("inner", [Refusal("must not")])])
    assert (await run_steps(world.step("b", fails=[grave]))).failed[0].text == "must not"


def test_jitter_takes_off_up_to_a_half_and_can_be_seeded() -> None:
    retry = Retry(attempts=9, first=4.0, most=100.0)
    assert [retry.wait(1, 0.0), retry.wait(1, 1.0), retry.wait(3, 0.0)] == [4.0, 2.0, 16.0]
    first, second = random.Random(7).random, random.Random(7).random
    assert [retry.wait(n, first()) for n in (1, 2, 3)] == [retry.wait(n, second()) for n in (1, 2, 3)]


def test_the_table_lists_particular_kinds_before_general_ones() -> None:
    kinds = [kind for kind, _ in RETRIES]
    assert all(not issubclass(later, earlier) for i, earlier in enumerate(kinds) for later in kinds[i + 1 :])
    assert Policy().retry(Unreachable("x")).attempts > Policy().retry(OSError("x")).attempts
