"""What the cloud lacks is said before anything is made, with numbers and what to do."""

from __future__ import annotations

from dataclasses import replace

from core.clouds.choices import Flavor, Image, Quota
from core.clouds.openstack.preflight import Offers, demand, obstacles
from core.clouds.openstack.quotas import GROUP_MEMBERS
from tests.unit.clouds.openstack_fakes import wish

SMALL = Flavor("1", "m1.small", 1, 2048, 20)
TINY = Flavor("0", "m1.tiny", 1, 512, 1)
DEBIAN = Image("d", "debian-12", min_disk=2)
OFFERS = Offers([TINY, SMALL], [DEBIAN], ["mine"], ["nova"], [])
GOOD = {"flavor": "m1.small", "image": "debian-12", "floating": "true"}


def said(offers: Offers = OFFERS, count: int = 1, volume: int | None = None, **options: str) -> list[str]:
    wishes = [wish(f"kube-{number}", **(GOOD | options)) for number in range(count)]
    wanted = demand(wishes, offers.flavors, ports=0, ground={}, volume=volume)
    found = obstacles(wishes, offers, wanted, volume=volume, grouped=True)
    return [f"{one.what} – {one.fix}" for one in found]


def limited(name: str, used: int, limit: int | None) -> Offers:
    return replace(OFFERS, quotas=[Quota(name, used, limit)])


def test_what_can_be_made_has_no_obstacle() -> None:
    assert said(count=3, key_pair="mine", availability_zone="nova") == []


def test_a_quota_is_told_with_its_numbers() -> None:
    assert said(limited("servers", 8, 10), count=3) == [
        "quota of servers: 3 more needed, 2 of 10 left – have it raised to 11, declare less, or remove something"
    ]
    assert said(limited("MiB of memory", 0, 4096), count=2) == []
    assert said(limited("floating addresses", 0, 1), count=2)[0].startswith("quota of floating addresses: 2 more")
    assert said(limited("floating addresses", 0, 1), count=2, floating="false") == []
    assert said(limited("servers", 900, None), count=300) == []


def test_ports_that_are_there_are_not_needed_again() -> None:
    wishes = [wish("kube-1", **GOOD), wish("kube-2", **GOOD)]
    assert demand(wishes, [SMALL], ports=1, ground={"ports": 2}, volume=None).amounts["ports"] == 3


def test_a_flavor_that_is_not_there_or_too_small() -> None:
    assert said(flavor="m1.huge") == ["there is no flavor m1.huge – flavors to choose from: m1.small"]
    assert said(flavor="m1.tiny", image="other") == [
        "flavor m1.tiny is too small for a machine: 512 MiB of memory of 1024, 1 GiB of disk of 10"
        " – choose a larger flavor",
        "there is no image other – images to choose from: debian-12",
    ]


def test_a_boot_volume_stands_in_for_the_flavors_disk() -> None:
    no_disk = replace(OFFERS, flavors=[Flavor("v", "v1", 2, 4096, 0)])
    assert said(no_disk, flavor="v1")[0].startswith("flavor v1 is too small")
    assert said(no_disk, flavor="v1", volume=20) == []


def test_an_image_that_needs_more_than_the_flavor_has() -> None:
    big = replace(OFFERS, images=[Image("d", "debian-12", min_disk=40, min_ram=4096)])
    assert [line.split(" – ")[0] for line in said(big)] == [
        "image debian-12 needs 40 GiB of disk, there are 20",
        "image debian-12 needs 4096 MiB of memory, flavor m1.small has 2048",
    ]


def test_names_that_are_unknown_come_with_those_that_are_known() -> None:
    assert said(key_pair="yours", availability_zone="mars") == [
        "there is no key pair yours – known are: mine",
        "there is no availability zone mars – known are: nova",
    ]


def test_a_server_group_that_is_too_small_for_a_role() -> None:
    assert said(limited(GROUP_MEMBERS, 0, 2), count=3) == [
        "quota of servers in a server group: 3 needed, 2 allowed – have it raised to 3, or set anti_affinity to none"
    ]
