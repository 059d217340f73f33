"""Declared machines are handed out once, by role, and given back untouched."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.clouds.base import MachineWish
from core.clouds.inventory import InventoryCloud, InventoryHost
from core.engine.errors import Refusal
from core.engine.step import Level

HOSTS = (
    InventoryHost("any", "192.0.2.1"),
    InventoryHost("w", "192.0.2.2", roles=("worker",), user="debian", port=2222, jump="any"),
    InventoryHost("c", "192.0.2.3", roles=("control-plane",)),
)


def wish(name: str, role: str = "worker", **options: str) -> MachineWish:
    return MachineWish("lab", "alpha", role, name, Path("/key"), "ssh-ed25519 A", options=tuple(options.items()))


def quiet(text: str, level: Level = "info") -> None:
    """Nobody listens."""


@pytest.fixture
def cloud(tmp_path: Path) -> InventoryCloud:
    return InventoryCloud("lab", tmp_path, HOSTS)


async def test_a_host_of_the_very_role_is_taken_before_one_for_anything(cloud: InventoryCloud) -> None:
    machine = await cloud.create(wish("kube-2"), quiet)
    assert (machine.id, machine.address, machine.user, machine.port, machine.jump) == (
        "w", "192.0.2.2", "debian", 2222, "any",
    )  # fmt: skip
    assert (await cloud.create(wish("kube-3"), quiet)).id == "any"


async def test_a_machine_asked_for_again_is_the_same_host_in_another_process_too(
    cloud: InventoryCloud, tmp_path: Path
) -> None:
    first = await cloud.create(wish("kube-2"), quiet)
    assert await InventoryCloud("lab", tmp_path, HOSTS).create(wish("kube-2"), quiet) == first
    assert await cloud.machines() == {"kube-2": first}


async def test_too_few_hosts_are_refused_with_what_to_declare(cloud: InventoryCloud) -> None:
    await cloud.create(wish("kube-2"), quiet)
    await cloud.create(wish("kube-3"), quiet)
    with pytest.raises(Refusal, match="no host is left to become worker kube-4") as caught:
        await cloud.create(wish("kube-4"), quiet)
    assert caught.value.fix == "declare one more host with role worker, or one without roles"


async def test_preflight_tells_all_that_will_lack_a_host_and_takes_none(cloud: InventoryCloud) -> None:
    found = await cloud.preflight([wish(f"kube-{number}") for number in range(1, 5)])
    assert [obstacle.what for obstacle in found] == [
        "no host is left to become worker kube-3",
        "no host is left to become worker kube-4",
    ]
    assert await cloud.machines() == {}


async def test_a_deleted_machine_frees_its_host(cloud: InventoryCloud) -> None:
    await cloud.create(wish("kube-2"), quiet)
    await cloud.delete("kube-2", quiet)
    await cloud.delete("kube-2", quiet)
    assert (await cloud.create(wish("kube-9"), quiet)).id == "w"


async def test_a_host_in_use_by_another_environment_is_passed_over(cloud: InventoryCloud, tmp_path: Path) -> None:
    other = InventoryCloud("prod", tmp_path, HOSTS)
    assert (await other.create(wish("kube-2"), quiet)).id == "w"
    assert (await cloud.create(wish("kube-2"), quiet)).id == "any"
    await other.remove_all(quiet)
    assert (await cloud.create(wish("kube-3"), quiet)).id == "w"


async def test_a_host_named_in_the_wish_is_taken_or_refused(cloud: InventoryCloud) -> None:
    assert (await cloud.create(wish("kube-2", host="any"), quiet)).id == "any"
    with pytest.raises(Refusal, match="host any is in use already"):
        await cloud.create(wish("kube-3", host="any"), quiet)
    with pytest.raises(Refusal, match="host x is not among the declared hosts"):
        await cloud.create(wish("kube-3", host="x"), quiet)
    assert cloud.host_of("kube-2") == HOSTS[0]
