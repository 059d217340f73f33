"""What stands in the way is said in sentences that name what to do."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from core.clouds.nspawn import NspawnCloud, host
from core.engine.errors import Refusal


async def test_another_user_than_root_is_told_so_and_nothing_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "is_root", lambda: False)
    found = await NspawnCloud("lab", tmp_path, "10.77.0.0/24").preflight([])
    assert [obstacle.what for obstacle in found] == [
        "machines on this box are made by root, and gondolier runs as another user"
    ]
    assert list(tmp_path.iterdir()) == []


async def test_missing_programs_are_named_with_their_debian_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "is_root", lambda: True)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = await NspawnCloud("lab", tmp_path, "10.77.0.0/24", cache=tmp_path / "cache").preflight([])
    assert [obstacle.fix for obstacle in found] == [
        "apt-get install systemd-container iproute2 iptables util-linux mount debootstrap apt"
    ]
    assert "systemd-nspawn" in found[0].what


def test_debootstrap_is_not_asked_for_where_no_image_is_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "debootstrap" in host.missing_programs(builds=True)
    assert "debootstrap" not in host.missing_programs(builds=False)


def test_a_subnet_that_overlaps_is_named_with_what_it_meets() -> None:
    taken = {
        "the route 10.77.0.0/16 on eth0": IPv4Network("10.77.0.0/16"),
        "environment prod": IPv4Network("10.78.0.0/24"),
    }
    found = host.overlap_obstacles(IPv4Network("10.77.3.0/24"), taken)
    assert [obstacle.what for obstacle in found] == [
        "the subnet 10.77.3.0/24 overlaps with the route 10.77.0.0/16 on eth0"
    ]


def test_room_is_counted_per_machine(tmp_path: Path) -> None:
    assert host.room_obstacle(tmp_path / "not" / "yet", 0, builds=False) is None
    obstacle = host.room_obstacle(tmp_path / "not" / "yet", 1_000_000, builds=False)
    assert obstacle is not None
    assert "1000000 machines want 2000000 GiB" in obstacle.what


@pytest.mark.parametrize("subnet", ["10.77.0.1/24", "nonsense", "10.77.0.0/30", "fd00::/64"])
def test_a_subnet_that_cannot_hold_machines_is_refused(tmp_path: Path, subnet: str) -> None:
    with pytest.raises(Refusal):
        NspawnCloud("lab", tmp_path, subnet)
