"""What a cloud offers to make servers from: flavors, images, key pairs, zones. Asked for once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from core.clouds.choices import Flavor, Image
from core.clouds.openstack.calls import Calls
from core.engine.errors import Refusal

_GIB = 1024**3

Offer = TypeVar("Offer", Flavor, Image)


class Catalogue:
    """Looks things up by the names that people give."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._lock = asyncio.Lock()
        self._flavors: Sequence[Flavor] | None = None
        self._images: Sequence[Image] | None = None

    async def flavors(self) -> Sequence[Flavor]:
        """Every flavor, the smallest first."""
        async with self._lock:
            if self._flavors is None:
                self._flavors = await self._calls.ask(lambda cloud: _sorted(map(flavor, cloud.compute.flavors())))
        return self._flavors

    async def images(self) -> Sequence[Image]:
        """Every image that can be used, by name."""
        async with self._lock:
            if self._images is None:
                self._images = await self._calls.ask(
                    lambda cloud: sorted(map(image, cloud.image.images(status="active")), key=lambda one: one.name)
                )
        return self._images

    async def flavor(self, name: str) -> Flavor:
        """The flavor of this name or id. Raises `Refusal` where there is none."""
        return await self._named(self.flavors, "flavor", name)

    async def image(self, name: str) -> Image:
        """The image of this name or id; of several of one name the newest. Raises `Refusal` where there is none."""
        return await self._named(self.images, "image", name)

    async def key_pairs(self) -> list[str]:
        """The names of the user's key pairs."""
        return await self._calls.ask(lambda cloud: sorted(one.name for one in cloud.compute.keypairs()))

    async def zones(self) -> list[str]:
        """The names of the zones that take servers."""
        return await self._calls.ask(
            lambda cloud: sorted(
                one.name for one in cloud.compute.availability_zones() if (one.state or {}).get("available", True)
            )
        )

    async def _named(self, offered: Callable[[], Awaitable[Sequence[Offer]]], kind: str, name: str) -> Offer:
        found = [one for one in await offered() if name in (one.name, one.id)]
        if not found:
            known = ", ".join(sorted({one.name for one in await offered()})) or "none"
            raise Refusal(f"there is no {kind} {name}", where=f"cloud {self._calls.cloud}", fix=f"one of {known}")
        return max(found, key=lambda one: one.created)


def flavor(one: Any) -> Flavor:
    """A flavor of the SDK's."""
    return Flavor(one.id, one.name, one.vcpus or 0, one.ram or 0, one.disk or 0)


def image(one: Any) -> Image:
    """An image of the SDK's; `properties` are what its publisher says of it."""
    said = {key: str(value) for key, value in (one.properties or {}).items() if value is not None}
    for key in ("os_distro", "os_version", "architecture", "os_type"):
        value = getattr(one, key, None)
        if value:
            said[key] = str(value)
    return Image(
        id=one.id,
        name=one.name or one.id,
        min_disk=one.min_disk or 0,
        min_ram=one.min_ram or 0,
        size=one.size or 0,
        created=one.created_at or "",
        properties=tuple(sorted(said.items())),
    )


def _sorted(flavors: Iterable[Flavor]) -> list[Flavor]:
    return sorted(flavors, key=lambda one: (one.ram, one.vcpus, one.disk, one.name))
