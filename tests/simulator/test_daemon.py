"""The daemon: one for each home, started when it is needed, and nothing is lost when it goes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from core.clouds.simulated.provider import SimulatedCloud
from core.engine.errors import Refusal, Transient, Trouble
from core.simulator import client as client_module
from core.simulator.alone import is_held
from core.simulator.client import Client
from core.simulator.messages import Census
from tests.simulator.daemons import client, cloud, quiet, wish

__all__ = ["client", "cloud"]


async def test_starters_at_the_same_time_end_with_one_daemon(client: Client, tmp_path: Path) -> None:
    found = await asyncio.gather(*(Client(tmp_path).start() for _ in range(3)))
    assert len({census.process for census in found}) == 1


async def test_looking_starts_nothing(client: Client, tmp_path: Path) -> None:
    assert await client.census() is None
    assert not await client.stop()
    assert list(tmp_path.iterdir()) == []


async def test_it_stops_by_itself_when_nobody_uses_it(tmp_path: Path) -> None:
    await Client(tmp_path, idle=0.05).start()
    async with asyncio.timeout(10):
        while is_held(tmp_path):
            await asyncio.sleep(0.02)
    assert await Client(tmp_path).census() is None


async def test_the_next_need_finds_everything_as_it_was(client: Client, cloud: SimulatedCloud, tmp_path: Path) -> None:
    await cloud.create(wish(tmp_path), quiet)
    await client.ask("inject", dict, kind="disk-full", environment="lab", machine="kube-1")
    await client.ask("adjust", type(None), pace=3)
    before, census = await cloud.machines(), await client.start()
    await client.stop()

    assert await cloud.machines() == before
    again = await client.start()
    assert (again.network, again.faults, again.pace) == (census.network, 1, 3)
    assert again.process != census.process


async def test_a_daemon_of_another_edition_is_replaced(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await client.start()
    monkeypatch.setattr(client_module, "edition", lambda: "0.0.0")
    assert (await Client(tmp_path).start()).process != first.process


async def test_what_cannot_be_asked_is_said(client: Client) -> None:
    with pytest.raises(Refusal, match="cannot be asked"):
        await client.ask("flood", dict)
    with pytest.raises(Refusal, match="cannot be asked"):
        await client.ask("clear", int, colour="red")
    with pytest.raises(Refusal, match="there is no fault flood"):
        await client.ask("inject", dict, kind="flood", environment="lab")


async def test_a_machine_is_made_once_and_removed_wholly(cloud: SimulatedCloud, tmp_path: Path) -> None:
    made = await cloud.create(wish(tmp_path), quiet)
    assert made.status == "running"
    assert await cloud.create(wish(tmp_path), quiet) == made
    assert await cloud.machines() == {"kube-1": made}
    assert await SimulatedCloud("other", tmp_path).machines() == {}

    await cloud.delete("kube-1", quiet)
    await cloud.delete("kube-1", quiet)
    assert await cloud.machines() == {}


async def test_a_machine_in_error_is_shown_and_made_anew(client: Client, cloud: SimulatedCloud, tmp_path: Path) -> None:
    await client.ask("inject", dict, kind="create-error", environment="lab", parameters={"fault": "no valid host"})
    with pytest.raises(Transient, match="no valid host"):
        await cloud.create(wish(tmp_path), quiet)
    found = (await cloud.machines())["kube-1"]
    assert (found.status, found.fault, found.address) == ("error", "no valid host", None)
    assert (await cloud.create(wish(tmp_path), quiet)).status == "running"


async def test_a_quota_is_an_obstacle_and_then_a_refusal(client: Client, cloud: SimulatedCloud, tmp_path: Path) -> None:
    await client.ask("inject", dict, kind="quota-exceeded", environment="lab", parameters={"machines": 1})
    wishes = [wish(tmp_path, "kube-1"), wish(tmp_path, "kube-2")]
    assert await cloud.preflight(wishes[:1]) == []
    (obstacle,) = await cloud.preflight(wishes)
    assert "the quota allows 1 machines" in obstacle.what
    await cloud.create(wishes[0], quiet)
    with pytest.raises(Refusal, match="already used 1 of 1"):
        await cloud.create(wishes[1], quiet)


async def test_a_machine_vanishes(client: Client, cloud: SimulatedCloud, tmp_path: Path) -> None:
    await cloud.create(wish(tmp_path), quiet)
    await client.ask("inject", dict, kind="machine-vanished", environment="lab", machine="kube-1")
    assert await cloud.machines() == {}
    assert await client.ask("faults", list) == []


async def test_removing_all_takes_machines_and_faults(client: Client, cloud: SimulatedCloud, tmp_path: Path) -> None:
    await cloud.create(wish(tmp_path), quiet)
    await client.ask("inject", dict, kind="disk-full", environment="lab")
    await cloud.remove_all(quiet)
    census = await client.start()
    assert (census.machines, census.faults) == ({}, 0)


def test_what_a_daemon_of_another_edition_says_can_be_read() -> None:
    assert msgspec.convert({"edition": "0.0.0", "moons": 2}, Census) == Census("0.0.0")


async def test_a_daemon_that_cannot_start_says_why_and_what_to_do(client: Client, tmp_path: Path) -> None:
    await client.start()
    await client.stop()
    (tmp_path / "simulator" / "world.db").write_bytes(b"no database at all")
    with pytest.raises(Trouble, match="not a database") as caught:
        await Client(tmp_path).start()
    assert "abandon its environments" in caught.value.fix
