"""One world per home: it outlives its process, and nothing on its machines notices."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.machines.artifacts import Artifacts
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.machines.difference import diff
from core.machines.enact import enact
from core.machines.facts import gather, gather_host
from core.simulator.errors import SimulatorError
from core.simulator.world import World
from tests.simulator import app
from tests.simulator.conftest import Maker
from tests.simulator.keys import Keys
from tests.simulator.test_enact import quiet, wish


@pytest.fixture(autouse=True)
def nothing_runs() -> Iterator[None]:
    """No program of another test counts."""
    app.RUNNING.clear()
    yield


async def test_machines_get_addresses_of_their_own_and_give_them_back(make: Maker, world: World) -> None:
    first, second = await make("m1"), await make("m2")
    assert first.address.endswith(".0.11")
    assert second.address.endswith(".0.12")
    assert first.address.startswith("127.")
    assert await make("m1") is first
    assert world.machine_at(second.address) is second
    await world.remove("env", "m1")
    await world.remove("env", "m1")
    assert world.machine_at(first.address) is None
    assert (await make("m3")).address == first.address
    assert not (await make("m4")).files.exists("/etc/app")


async def test_a_home_has_one_world_at_a_time(world: World, home: Path, tmp_path: Path) -> None:
    with pytest.raises(SimulatorError, match="in use by another simulator"):
        await World.open(home)
    other = await World.open(tmp_path / "other")
    await other.close()


async def test_a_world_goes_on_where_it_was_closed(home: Path, keys: Keys, artifacts: Artifacts) -> None:
    world = await World.open(home)
    machine = await world.create(keys.wish("m1"))
    off = await world.create(keys.wish("off"))
    await world.power_off(off)
    world.faults.inject("clock-skew", "env", "off")
    pool = _pool(world, keys)
    link = await pool.get("m1")
    await enact(link, wish(), await gather(link, wish()), artifacts, quiet)
    before, host = await gather(link, wish()), await gather_host(link)
    journal = [line.text for line in machine.journal.lines()]
    await pool.close()
    await world.close()
    assert not app.runs("app.service")

    world = await World.open(home)
    pool = _pool(world, keys)
    link = await pool.get("m1")
    after = await gather(link, wish())
    while not app.runs("app.service"):
        await asyncio.sleep(0.01)
    assert after.units == before.units
    assert after.paths == before.paths
    assert diff(wish(), after, artifacts) == []
    assert (await gather_host(link)).boot_id == host.boot_id
    assert [line.text for line in world.machines["env", "m1"].journal.lines()][: len(journal)] == journal
    assert not world.machines["env", "off"].powered
    assert [fault.kind for fault in world.faults.all()] == ["clock-skew"]
    await pool.close()
    await world.close()


async def test_a_daemon_that_was_killed_lost_at_most_its_last_moment(home: Path, keys: Keys) -> None:
    world = await World.open(home)
    machine = await world.create(keys.wish("m1"))
    machine.files.write("/etc/kept", b"x")
    world.keeping.flush()
    copy = home.parent / "copy"
    (copy / "simulator").mkdir(parents=True)
    for path in (home / "simulator").iterdir():
        (copy / "simulator" / path.name).write_bytes(path.read_bytes())
    await world.close()
    again = await World.open(copy)
    assert again.machines["env", "m1"].files.read("/etc/kept") == b"x"
    assert again.machines["env", "m1"].powered
    await again.close()


async def test_changes_are_written_by_themselves(home: Path, world: World, make: Maker) -> None:
    machine = await make("m1")
    machine.files.write("/etc/kept", b"x")
    async with asyncio.timeout(10):
        while world.keeping._dirty:
            await asyncio.sleep(0.01)
    assert dict(world.keeping.items(f"files:{machine.id}"))["/etc/kept"]
    await world.remove("env", "m1")
    assert list(world.keeping.items(f"files:{machine.id}")) == []


def _pool(world: World, keys: Keys) -> Connections:
    return Connections(lambda name: keys.access(world.machines["env", name]))


async def test_machines_of_one_world_are_set_up_side_by_side(
    make: Maker, connections: Connections, artifacts: Artifacts
) -> None:
    async def set_up(name: str) -> Connection:
        await make(name)
        link = await connections.get(name)
        await enact(link, wish(), await gather(link, wish()), artifacts, quiet)
        return link

    links = await asyncio.gather(*(set_up(f"m{number}") for number in range(8)))
    assert [diff(wish(), await gather(link, wish()), artifacts) for link in links] == [[]] * 8
