"""A server is made once, brought back, replaced when it came up wrong; two that claim one machine stop everything."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from openstack import exceptions as sdk

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import explained
from core.clouds.openstack.listing import server_row
from core.clouds.openstack.records import Floating, Machines, Port, Server
from core.clouds.openstack.seen import seen
from core.clouds.openstack.servers import MOST_ATTEMPTS, Servers, only
from core.engine.errors import Refusal, Transient, Trouble
from tests.unit.clouds.openstack_fakes import MARKS, FakeCalls, Report, sdk_server


class Compute:
    """Servers that become, at the next look, what `future` has for them."""

    def __init__(self, *servers: SimpleNamespace, future: dict[str, list[str]] | None = None) -> None:
        self.there = {server.id: server for server in servers}
        self.future = future or {}
        self.orders: list[str] = []
        self.obeys = True

    def servers(self, **_: object) -> list[SimpleNamespace]:
        for id, statuses in self.future.items():
            if id in self.there and statuses:
                self.there[id].status = statuses.pop(0)
        return list(self.there.values())

    def get_server(self, id: str) -> SimpleNamespace:
        if id not in self.there:
            raise explained(sdk.NotFoundException("no such server", response=_response(404)), "c")
        return self.there[id]

    def delete_server(self, id: str, **_: object) -> None:
        self.orders.append(f"delete {id}")
        self.there.pop(id, None)

    def start_server(self, id: str) -> None:
        self.orders.append(f"start {id}")
        self.future[id] = ["ACTIVE"]

    def reboot_server(self, id: str, kind: str) -> None:
        self.orders.append(f"reboot {id} {kind}")
        if self.obeys:
            self.future[id] = ["HARD_REBOOT", "ACTIVE"]


def _response(status: int) -> Any:
    return SimpleNamespace(status_code=status, headers={}, request=None, url="", reason="")


async def _at_once(seconds: float) -> None:
    """Time that nobody waits for."""


class World:
    """A compute service and what is made in it."""

    def __init__(self, compute: Compute, statuses: tuple[str, ...] = ("ACTIVE",), fault: str = "") -> None:
        self.compute = compute
        self.statuses = statuses
        self.fault = {"message": fault} if fault else None
        self.made: list[int] = []
        calls = cast("Calls", FakeCalls(SimpleNamespace(compute=compute)))
        self.servers = Servers(calls, MARKS, _at_once)
        self.report = Report()

    async def make(self, generation: int) -> Server:
        status = self.statuses[min(len(self.made), len(self.statuses) - 1)]
        server = sdk_server("kube-2", "BUILD", generation, fault=self.fault)
        self.compute.there[server.id] = server
        self.compute.future[server.id] = ["BUILD", status]
        self.made.append(generation)
        return server_row(server)

    async def run(self) -> Server:
        found = [server_row(server) for server in self.compute.there.values()]
        return await self.servers.running("kube-2", found, 1, self.make, self.report)


async def test_a_server_is_made_and_waited_for() -> None:
    world = World(Compute())
    assert (await world.run()).status == "ACTIVE"
    assert world.made == [1]


async def test_one_that_is_there_is_taken_and_none_is_made() -> None:
    world = World(Compute(sdk_server("kube-2", "BUILD"), future={"id-kube-2-1": ["BUILD", "ACTIVE"]}))
    assert (await world.run()).id == "id-kube-2-1"
    assert world.made == []


async def test_one_that_is_off_is_started() -> None:
    world = World(Compute(sdk_server("kube-2", "SHUTOFF")))
    assert (await world.run()).status == "ACTIVE"
    assert world.compute.orders == ["start id-kube-2-1"]


async def test_one_that_came_up_wrong_is_replaced_by_the_next_generation_with_its_fault_told() -> None:
    world = World(Compute(), ("ERROR", "ACTIVE"), "no such luck")
    assert (await world.run()).generation == 2
    assert world.compute.orders == ["delete id-kube-2-1"]
    assert any("came up wrong: no such luck" in line for line in world.report)


async def test_replacing_ends_after_a_few_and_leaves_nothing() -> None:
    world = World(Compute(), ("ERROR",), "no such luck")
    with pytest.raises(Trouble, match=r"3 servers in a row came up wrong.*no such luck"):
        await world.run()
    assert world.made == list(range(1, MOST_ATTEMPTS + 1))
    assert world.compute.there == {}


async def test_no_room_is_final_and_leaves_nothing() -> None:
    world = World(Compute(), ("ERROR",), "No valid host was found. There are not enough hosts available.")
    with pytest.raises(Refusal, match="the cloud has no room for it") as caught:
        await world.run()
    assert "smaller flavor" in caught.value.fix
    assert world.made == [1]
    assert world.compute.there == {}


async def test_an_older_generation_that_stayed_is_removed() -> None:
    world = World(Compute(sdk_server("kube-2", "ERROR", 1, launched_at=None), sdk_server("kube-2", "ACTIVE", 2)))
    assert (await world.run()).generation == 2
    assert world.compute.orders == ["delete id-kube-2-1"]


async def test_two_of_one_generation_stop_everything() -> None:
    twins = Compute(sdk_server("kube-2"), sdk_server("kube-2", id="id-twin"))
    with pytest.raises(Refusal, match="2 servers claim to be kube-2: id-kube-2-1, id-twin"):
        await World(twins).run()
    assert twins.orders == []


async def test_one_that_vanishes_while_it_is_waited_for_is_looked_for_again() -> None:
    world = World(Compute())
    gone = server_row(sdk_server("kube-2", "BUILD"))
    with pytest.raises(Transient, match="was deleted meanwhile"):
        await world.servers.settled(gone)


def test_a_server_that_is_being_deleted_is_not_taken_for_a_running_one() -> None:
    assert server_row(sdk_server("kube-2", task_state="deleting")).status == "DELETING"
    assert only("kube-2", [server_row(sdk_server("kube-2", "DELETED"))]) is None


def _found(*servers: SimpleNamespace, device: str = "id-kube-2-1", port: bool = True) -> Machines:
    ports = (Port("p", MARKS.port_name("kube-2"), "net", "10.76.0.9", device),) if port else ()
    floating = (Floating("f", "198.51.100.4", "p"), Floating("g", "198.51.100.5", "another"))
    return Machines(tuple(server_row(server) for server in servers), ports, floating)


def test_a_machine_is_its_server_with_its_ports_addresses() -> None:
    machine = seen(_found(sdk_server("kube-2")), MARKS, "debian")["kube-2"]
    assert (machine.status, machine.address, machine.floating, machine.user) == (
        "running", "10.76.0.9", "198.51.100.4", "debian",
    )  # fmt: skip


@pytest.mark.parametrize("found", [_found(sdk_server("kube-2"), port=False), _found(sdk_server("kube-2"), device="")])
def test_a_machine_whose_port_is_gone_does_not_count_as_running(found: Machines) -> None:
    machine = seen(found, MARKS, "root")["kube-2"]
    assert (machine.status, machine.fault) == ("stopped", "its port is gone or belongs to another server")


@pytest.mark.parametrize(
    ("status", "word"),
    [("ACTIVE", "running"), ("SHUTOFF", "stopped"), ("BUILD", "building"), ("REBUILD", "building")],
)
def test_novas_states_in_our_words(status: str, word: str) -> None:
    assert seen(_found(sdk_server("kube-2", status)), MARKS, "root")["kube-2"].status == word


@pytest.mark.parametrize("status", ["REBOOT", "RESIZE", "ERROR", "UNKNOWN"])
def test_what_ran_once_is_never_taken_for_lost(status: str) -> None:
    """A lost machine's etcd member is removed; one that only reboots comes back with its data."""
    assert seen(_found(sdk_server("kube-2", status)), MARKS, "root")["kube-2"].status == "stopped"
    fresh = sdk_server("kube-2", status, launched_at=None)
    assert seen(_found(fresh), MARKS, "root")["kube-2"].status in ("building", "error")


async def test_one_that_ran_and_is_in_error_is_rebooted_not_replaced() -> None:
    world = World(Compute(sdk_server("kube-2", "ERROR", fault={"message": "host died"})))
    assert (await world.run()).status == "ACTIVE"
    assert world.compute.orders == ["reboot id-kube-2-1 HARD"]
    assert world.made == []


async def test_one_that_ran_and_stays_in_error_is_for_a_person_to_give_up() -> None:
    world = World(Compute(sdk_server("kube-2", "ERROR", fault={"message": "host died"})))
    world.compute.obeys = False
    with pytest.raises(Refusal, match="ran and is ERROR now: host died") as caught:
        await world.run()
    assert "delete the server and deploy again" in caught.value.fix
    assert list(world.compute.there) == ["id-kube-2-1"]
