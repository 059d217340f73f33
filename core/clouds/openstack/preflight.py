"""Whether what is wished for can be made: pure arithmetic over what the cloud offers and has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.clouds.base import MachineWish, Obstacle
from core.clouds.choices import Flavor, Image, Quota
from core.clouds.openstack.quotas import GROUP_MEMBERS

_UNKNOWN = "nothing"


@dataclass(frozen=True, slots=True)
class Offers:
    """What the cloud has, as far as the wishes name it."""

    flavors: Sequence[Flavor]
    images: Sequence[Image]
    key_pairs: Sequence[str]
    zones: Sequence[str]
    quotas: Sequence[Quota]


@dataclass(frozen=True, slots=True)
class Demand:
    """How much of each quota the wishes take, beside what is there already."""

    amounts: Mapping[str, int]
    largest_group: int = 0
    reasons: tuple[str, ...] = field(default=())


def demand(
    wishes: Sequence[MachineWish],
    flavors: Sequence[Flavor],
    *,
    ports: int,
    ground: Mapping[str, int],
    volume: int | None,
) -> Demand:
    """What these machines need; `ports` of theirs exist, `ground` is what is still to be made beside them."""
    chosen = [one for one in (_named(flavors, _option(wish, "flavor")) for wish in wishes) if one is not None]
    roles = Counter((wish.component, wish.role) for wish in wishes)
    amounts = {
        "servers": len(wishes),
        "vCPUs": sum(one.vcpus for one in chosen),
        "MiB of memory": sum(one.ram for one in chosen),
        "ports": max(0, len(wishes) - ports) + ground.get("ports", 0),
        "floating addresses": sum(_option(wish, "floating") == "true" for wish in wishes),
        "volumes": len(wishes) if volume else 0,
        "GiB of volumes": len(wishes) * (volume or 0),
    }
    amounts |= {name: amounts.get(name, 0) + count for name, count in ground.items() if name != "ports"}
    return Demand(amounts, max(roles.values(), default=0))


def obstacles(
    wishes: Sequence[MachineWish], offers: Offers, wanted: Demand, *, volume: int | None, grouped: bool
) -> list[Obstacle]:
    """Everything that stands in the way, each once, with numbers and what to do."""
    found = [
        *_flavor_obstacles(wishes, offers, volume),
        *_image_obstacles(wishes, offers, volume),
        *_name_obstacles(wishes, "key_pair", "key pair", offers.key_pairs),
        *_name_obstacles(wishes, "availability_zone", "availability zone", offers.zones),
        *_quota_obstacles(offers.quotas, wanted.amounts),
    ]
    if grouped:
        found += _group_obstacles(offers.quotas, wanted.largest_group)
    return found


def _flavor_obstacles(wishes: Sequence[MachineWish], offers: Offers, volume: int | None) -> Iterable[Obstacle]:
    for name in _values(wishes, "flavor"):
        flavor = _named(offers.flavors, name)
        if flavor is None:
            known = ", ".join(one.name for one in offers.flavors if not one.shortfall(volume)) or "none is large enough"
            yield Obstacle(f"there is no flavor {name}", f"flavors to choose from: {known}")
        elif lacking := flavor.shortfall(volume):
            yield Obstacle(f"flavor {name} is too small for a machine: {lacking}", "choose a larger flavor")


def _image_obstacles(wishes: Sequence[MachineWish], offers: Offers, volume: int | None) -> Iterable[Obstacle]:
    pairs = dict.fromkeys((_option(wish, "image"), _option(wish, "flavor")) for wish in wishes)
    missing: set[str] = set()
    for image_name, flavor_name in pairs:
        image, flavor = _image(offers.images, image_name), _named(offers.flavors, flavor_name)
        if image is None and image_name not in missing:
            missing.add(image_name)
            known = ", ".join(sorted({one.name for one in offers.images})) or "none"
            yield Obstacle(f"there is no image {image_name or _UNKNOWN}", f"images to choose from: {known}")
        if image is not None and flavor is not None:
            yield from _image_fit(image, flavor, volume)


def _image_fit(image: Image, flavor: Flavor, volume: int | None) -> Iterable[Obstacle]:
    disk = volume if volume is not None else flavor.disk
    if disk < image.min_disk:
        what = f"image {image.name} needs {image.min_disk} GiB of disk, there are {disk}"
        yield Obstacle(what, "choose a larger flavor, or set boot_volume")
    if flavor.ram < image.min_ram:
        what = f"image {image.name} needs {image.min_ram} MiB of memory, flavor {flavor.name} has {flavor.ram}"
        yield Obstacle(what, "choose a larger flavor")


def _name_obstacles(wishes: Sequence[MachineWish], option: str, words: str, known: Sequence[str]) -> Iterable[Obstacle]:
    for name in _values(wishes, option):
        if name not in known:
            yield Obstacle(f"there is no {words} {name}", f"known are: {', '.join(known) or 'none'}")


def _quota_obstacles(quotas: Sequence[Quota], amounts: Mapping[str, int]) -> Iterable[Obstacle]:
    for quota in quotas:
        needed = amounts.get(quota.name, 0)
        if quota.free is not None and needed > quota.free:
            what = f"quota of {quota.name}: {needed} more needed, {quota.free} of {quota.limit} left"
            yield Obstacle(what, f"have it raised to {quota.used + needed}, declare less, or remove something")


def _group_obstacles(quotas: Sequence[Quota], largest: int) -> Iterable[Obstacle]:
    for quota in quotas:
        if quota.name == GROUP_MEMBERS and quota.limit is not None and largest > quota.limit:
            what = f"quota of {quota.name}: {largest} needed, {quota.limit} allowed"
            yield Obstacle(what, f"have it raised to {largest}, or set anti_affinity to none")


def _values(wishes: Sequence[MachineWish], option: str) -> list[str]:
    return [name for name in dict.fromkeys(_option(wish, option) for wish in wishes) if name]


def _option(wish: MachineWish, name: str) -> str:
    return dict(wish.options).get(name, "")


def _named(flavors: Sequence[Flavor], name: str) -> Flavor | None:
    return next((one for one in flavors if name in (one.name, one.id)), None)


def _image(images: Sequence[Image], name: str) -> Image | None:
    return next((one for one in images if name in (one.name, one.id)), None)
