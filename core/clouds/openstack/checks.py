"""The preflight's questions to the cloud; what follows from the answers is `preflight`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from core.clouds.base import MachineWish, Obstacle
from core.clouds.openstack.calls import Calls
from core.clouds.openstack.catalogue import Catalogue
from core.clouds.openstack.network import Networks
from core.clouds.openstack.preflight import Offers, demand, obstacles
from core.clouds.openstack.quotas import quotas
from core.clouds.openstack.records import Ground
from core.engine.errors import Refusal
from core.engine.step import Level
from core.model.provider import OpenStack


class Checks:
    """Asks everything at once and says what stands in the way."""

    def __init__(self, calls: Calls, wanted: OpenStack, catalogue: Catalogue, networks: Networks) -> None:
        self._calls = calls
        self._wanted = wanted
        self._catalogue = catalogue
        self._networks = networks

    async def obstacles(self, wishes: Sequence[MachineWish], ports: int, lacking: Mapping[str, int]) -> list[Obstacle]:
        """Everything that stands in the way of these machines; `ports` of them are there, `lacking` is still to be
        made beside them.
        """
        volume = self._wanted.boot_volume
        offers, networks = await asyncio.gather(self._offers(volume), self._network_obstacles(wishes))
        wanted = demand(wishes, offers.flavors, ports=ports, ground=lacking, volume=volume)
        grouped = self._wanted.anti_affinity != "none"
        return [*networks, *obstacles(wishes, offers, wanted, volume=volume, grouped=grouped)]

    async def _offers(self, volume: int | None) -> Offers:
        flavors, images, key_pairs, zones, limits = await asyncio.gather(
            self._catalogue.flavors(),
            self._catalogue.images(),
            self._catalogue.key_pairs(),
            self._catalogue.zones(),
            quotas(self._calls, volumes=volume is not None),
        )
        return Offers(flavors, images, key_pairs, zones, limits)

    async def _network_obstacles(self, wishes: Sequence[MachineWish]) -> list[Obstacle]:
        found = []
        try:
            if not self._networks.own:
                await self._networks.lay(Ground(), _quiet)
            floating = any(dict(wish.options).get("floating") == "true" for wish in wishes)
            if await self._networks.external() is None and floating:
                fix = "set floating_ip to false and provider.reach to direct or bastion, or have one made"
                found.append(Obstacle("the cloud shows no external network for floating addresses", fix))
        except Refusal as refusal:
            found.append(Obstacle(refusal.what, refusal.fix))
        return found


def _quiet(text: str, level: Level = "info") -> None:
    """For looks that make nothing and so have nothing to say."""
