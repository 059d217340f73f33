"""A run's process killed in the middle of a step: the next run knows what was in flight, and converges."""

from __future__ import annotations

import signal
import subprocess
import sys

from core.engine.run import Order, run
from core.store import Store
from tests.unit.engine.doubles import World, stage

RUN_AND_HANG = """
import asyncio, sys
from pathlib import Path
from core.engine.run import Order, run
from core.store import Store
from tests.unit.engine.doubles import World, stage

async def hang(report):
    report("half way")
    print("applying", flush=True)
    await asyncio.Event().wait()

world = World()
steps = stage(world.step("a"), world.step("b", "a", act=hang, phase="etcd"), world.step("c", "b"))
with Store(Path(sys.argv[1])) as store:
    asyncio.run(run(store, Order("lab", "deploy", "one", owner="ann"), [steps]))
"""


def kill_in_the_middle(store: Store) -> None:
    """Run until step b is being applied, then SIGKILL."""
    command = [sys.executable, "-c", RUN_AND_HANG, str(store.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "applying\n"
        process.send_signal(signal.SIGKILL)


async def test_the_next_run_finds_what_was_in_flight_and_goes_on(store: Store) -> None:
    kill_in_the_middle(store)
    killed = store.deployments.numbered("lab", 1)
    assert killed.state == "running"
    assert [(entry.step, entry.text) for entry in store.journal.unfinished(killed.id)] == [
        ("b", "1 change: create thing b")
    ]
    world = World(made={"a"})
    steps = stage(world.step("a"), world.step("b", "a"), world.step("c", "b"))
    result = await run(store, Order("lab", "deploy", "one", owner="bob"), [steps])
    assert result.counts == {"unchanged": 1, "done": 2}
    assert store.deployments.numbered("lab", 1).state == "interrupted"
    assert store.environments.require("lab").status == "ready"
    texts = [line.text for line in store.lines.after(store.deployments.numbered("lab", 2).id)]
    assert texts[1] == "deployment 1 (deploy) was interrupted: going on from there"
    assert texts[2] == "m-b etcd: was applying 1 change: create thing b; looking at what came of it"


async def test_what_the_killed_run_had_brought_about_is_not_applied_again(store: Store) -> None:
    kill_in_the_middle(store)
    world = World(made={"a", "b", "c"})
    steps = stage(world.step("a"), world.step("b", "a"), world.step("c", "b"))
    result = await run(store, Order("lab", "deploy", "one", owner="bob"), [steps])
    assert result.counts == {"unchanged": 3}
    assert not any(line.startswith("apply") for line in world.log)
