"""Whatever the graph and whatever fails: what does not depend on a failure is done, in order."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.bus import Bus
from core.engine.errors import Transient, Trouble
from core.engine.journal import Journal
from core.engine.runner import Result, Runner
from core.engine.step import Graph
from core.store import Store
from tests.unit.engine.doubles import Time, World

# Each step: which earlier steps it requires, and whether it works, fails for good, fails once, or is there already.
steps = st.lists(st.tuples(st.sets(st.integers(0, 11)), st.sampled_from("wfto")), max_size=12)
FAILURES: dict[str, list[Exception]] = {"f": [Trouble("no")] * 9, "t": [Transient("busy")]}
Drawn = list[tuple[set[int], str]]


def needs(drawn: Drawn, number: int) -> set[int]:
    return {need for need in drawn[number][0] if need < number}


def spoiled(drawn: Drawn) -> set[int]:
    """Numbers of steps that require a failing one, directly or not."""
    found: set[int] = set()
    for number in range(len(drawn)):
        if any(need in found or drawn[need][1] == "f" for need in needs(drawn, number)):
            found.add(number)
    return found


async def run(drawn: Drawn, world: World, home: Path) -> Result:
    graph = Graph.of(
        world.step(
            str(number),
            *map(str, needs(drawn, number)),
            fails=FAILURES.get(kind, ()),
        )
        for number, (_, kind) in enumerate(drawn)
    )
    with Store(home) as store:
        store.environments.ensure("lab")
        journal = Journal(store, store.deployments.begin("lab", "deploy", "one", "ann"), Bus())
        result = await Runner(journal, graph, Time().policy()).run()
        await journal.close()
        return result


@settings(max_examples=60, deadline=None)
@given(drawn=steps)
def test_everything_that_does_not_depend_on_a_failure_is_done_in_order(drawn: Drawn) -> None:
    world = World(made={str(number) for number, (_, kind) in enumerate(drawn) if kind == "o"})
    with tempfile.TemporaryDirectory() as home:
        result = asyncio.run(run(drawn, world, Path(home)))
    blocked = spoiled(drawn)
    for number, (_, kind) in enumerate(drawn):
        outcome = {"w": "done", "t": "done", "f": "failed", "o": "unchanged"}[kind]
        assert result.endings[str(number)].outcome == ("skipped" if number in blocked else outcome)
    assert result.state == ("failed" if any(kind == "f" for _, kind in drawn) else "succeeded")
    assert_order(drawn, world, blocked)


def assert_order(drawn: Drawn, world: World, blocked: set[int]) -> None:
    for number in range(len(drawn)):
        if number in blocked:
            assert f"probe {number}" not in world.log
            continue
        first = world.log.index(f"probe {number}")
        for need in needs(drawn, number):
            last = len(world.log) - 1 - world.log[::-1].index(f"probe {need}")
            assert last < first
