"""The runner: order, outcomes, and what a failure stops."""

from __future__ import annotations

import asyncio

import pytest

from core.engine.errors import Refusal, Trouble
from core.engine.runner import Result
from core.engine.step import Change, Report
from core.store import JournalEntry, Store
from tests.unit.engine.conftest import RunSteps
from tests.unit.engine.doubles import World


def outcomes(result: Result) -> dict[str, str]:
    return {step: ending.outcome for step, ending in result.endings.items()}


def entries(store: Store, step: str) -> list[JournalEntry]:
    latest = store.deployments.latest("lab")
    assert latest
    return [entry for entry in store.journal.of(latest.id) if entry.step == step]


async def test_steps_are_probed_applied_and_probed_again_after_what_they_require(
    world: World, run_steps: RunSteps
) -> None:
    result = await run_steps(world.step("b", "a"), world.step("a"))
    assert world.log == ["probe a", "apply a", "probe a", "probe b", "apply b", "probe b"]
    assert (result.state, result.counts) == ("succeeded", {"done": 2})


async def test_what_holds_already_is_not_touched(world: World, run_steps: RunSteps, store: Store) -> None:
    world.made.add("a")
    result = await run_steps(world.step("a"))
    assert world.log == ["probe a"]
    assert outcomes(result) == {"a": "unchanged"}
    assert [entry.event for entry in entries(store, "a")] == ["unchanged"]


async def test_the_intent_is_on_the_disk_before_anything_is_applied(
    world: World, run_steps: RunSteps, store: Store
) -> None:
    seen: list[tuple[str, str]] = []

    async def look(report: Report) -> None:
        with Store(store.home) as other:
            latest = other.deployments.latest("lab")
            assert latest
            seen.extend((entry.event, entry.text) for entry in other.journal.unfinished(latest.id))

    await run_steps(world.step("a", act=look))
    assert seen == [("intent", "1 change: create thing a")]
    assert [entry.event for entry in entries(store, "a")] == ["intent", "done"]


async def test_done_is_what_the_probe_says(world: World, run_steps: RunSteps) -> None:
    result = await run_steps(world.step("a", makes=False))
    assert result.failed[0].text == "m-a: still differs: create thing a (after 3 attempts)"
    assert world.log == ["probe a", "apply a", "probe a"] * 3


async def test_a_failed_step_stops_only_what_depends_on_it(world: World, run_steps: RunSteps, store: Store) -> None:
    result = await run_steps(
        world.step("bad", fails=[Trouble("no room", where="m-bad", fix="make room")]),
        world.step("child", "bad"),
        world.step("grandchild", "child", "other"),
        world.step("other"),
        world.step("friend", "other"),
    )
    assert outcomes(result) == {
        "bad": "failed",
        "other": "done",
        "child": "skipped",
        "friend": "done",
        "grandchild": "skipped",
    }
    assert (result.state, [(one.step, one.text) for one in result.failed]) == (
        "failed",
        [("bad", "m-bad: no room – make room")],
    )
    assert [entry.text for entry in entries(store, "grandchild")] == ["not started: bad failed"]


async def test_a_slow_step_holds_back_only_its_dependants(world: World, run_steps: RunSteps) -> None:
    others_done = asyncio.Event()

    async def wait_for_the_others(report: Report) -> None:
        await others_done.wait()

    async def tell(report: Report) -> None:
        others_done.set()

    result = await run_steps(
        world.step("slow", act=wait_for_the_others),
        world.step("after-slow", "slow"),
        world.step("quick"),
        world.step("last", "quick", act=tell),
    )
    assert result.state == "succeeded"
    assert world.log.index("apply last") < world.log.index("apply after-slow")


async def test_a_refusal_is_not_tried_again(world: World, run_steps: RunSteps) -> None:
    result = await run_steps(world.step("a", fails=[Refusal("the quorum would be lost")]))
    assert world.log.count("apply a") == 1
    assert result.failed[0].text == "the quorum would be lost"


async def test_an_unexpected_error_is_told_by_type_and_its_traceback_kept_without_secrets(
    world: World, run_steps: RunSteps, store: Store
) -> None:
    async def stumble(report: Report) -> None:
        raise ZeroDivisionError("password=hunter2 leads nowhere")

    result = await run_steps(world.step("a", act=stumble))
    log = store.home / "logs" / "lab-1.log"
    assert result.failed[0].text == f"ZeroDivisionError: password=[hidden] leads nowhere – details in {log}"
    assert "in stumble" in log.read_text()
    assert "hunter2" not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


async def test_an_inner_task_that_was_cancelled_is_a_failure_and_no_cancel(world: World, run_steps: RunSteps) -> None:
    async def await_cancelled(report: Report) -> None:
        raise asyncio.CancelledError

    result = await run_steps(world.step("a", act=await_cancelled), world.step("b", "a"))
    assert (result.state, outcomes(result)) == ("failed", {"a": "failed", "b": "skipped"})
    assert "was cancelled" in result.failed[0].text


async def test_a_step_is_failed_at_its_deadline_with_what_it_was_doing(
    world: World, run_steps: RunSteps, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts: list[asyncio.Timeout] = []
    real = asyncio.timeout

    def kept(seconds: float) -> asyncio.Timeout:
        timeouts.append(real(seconds))
        return timeouts[-1]

    async def hang(report: Report) -> None:
        timeouts[0].reschedule(asyncio.get_running_loop().time())
        await asyncio.Event().wait()

    monkeypatch.setattr("core.engine.execution.asyncio.timeout", kept)
    result = await run_steps(world.step("a", act=hang))
    assert result.failed[0].text == "not done within 300 s: m-a make: was applying 1 change: create thing a"


async def test_report_lines_carry_the_component_and_are_kept_in_order(
    world: World, run_steps: RunSteps, store: Store
) -> None:
    async def talk(report: Report) -> None:
        report("unpacking")
        report("slow disk", "warning")
        await asyncio.to_thread(report, "from a thread")

    await run_steps(world.step("a", act=talk))
    lines = [(line.number, line.component, line.level, line.text) for line in store.lines.after(1)]
    assert lines[:3] == [
        (1, "alpha", "info", "unpacking"),
        (2, "alpha", "warning", "slow disk"),
        (3, "alpha", "info", "from a thread"),
    ]
    assert lines[3][3].startswith("m-a: make a: done in")


async def test_secrets_that_slip_into_a_line_or_an_error_are_hidden(
    world: World, run_steps: RunSteps, store: Store
) -> None:
    key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ\n-----END EC PRIVATE KEY-----"

    async def talk(report: Report) -> None:
        report(f"wrote {key}")
        raise Trouble("GET https://ann:hunter2@host failed")

    result = await run_steps(world.step("a", act=talk))
    everything = " ".join(line.text for line in store.lines.after(1)) + result.failed[0].text
    assert "wrote [hidden]" in everything
    assert "MHcCAQ" not in everything
    assert "hunter2" not in everything


async def test_a_run_that_was_taken_over_applies_nothing_more(world: World, run_steps: RunSteps, store: Store) -> None:
    async def lose(report: Report) -> None:
        store.deployments.interrupt("lab")

    with pytest.raises(Refusal, match="another run has taken over"):
        await run_steps(world.step("a", act=lose), world.step("b", "a"))
    assert "apply b" not in world.log


async def test_contents_of_changes_are_never_journalled(world: World, run_steps: RunSteps, store: Store) -> None:
    step = world.step("a")

    async def probe() -> tuple[Change, ...]:
        return () if "a" in world.made else (Change("update", "file /etc/x", "old-content", "new-content"),)

    await run_steps(type(step)(**{name: getattr(step, name) for name in step.__slots__} | {"probe": probe}))
    written = store.home.joinpath("gondolier.db").read_bytes() + store.home.joinpath("gondolier.db-wal").read_bytes()
    assert b"file /etc/x" in written
    assert b"-content" not in written


async def test_an_empty_graph_is_done(run_steps: RunSteps) -> None:
    assert (await run_steps()).state == "succeeded"
