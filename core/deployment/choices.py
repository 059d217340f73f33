"""What a form for a cloud's environment offers, asked of the cloud."""

from __future__ import annotations

import asyncio

from core.clouds.choices import CloudChoices


async def cloud_choices(cloud: str, region: str | None = None, project: str | None = None) -> CloudChoices:
    """Flavors, images, key pairs, zones, networks and quotas of a project, asked for side by side.

    Raises:
        Refusal: there is no such cloud, or it does not accept the login. Transient: it does not answer.
    """
    from core.clouds.openstack.access import Login
    from core.clouds.openstack.calls import Calls
    from core.clouds.openstack.catalogue import Catalogue
    from core.clouds.openstack.listing import network_row
    from core.clouds.openstack.quotas import quotas

    calls = Calls(Login(cloud, region, project))
    catalogue = Catalogue(calls)
    try:
        flavors, images, key_pairs, zones, networks, limits = await asyncio.gather(
            catalogue.flavors(),
            catalogue.images(),
            catalogue.key_pairs(),
            catalogue.zones(),
            calls.ask(lambda connection: [network_row(one) for one in connection.network.networks()]),
            quotas(calls),
        )
    finally:
        await calls.close()
    return CloudChoices(
        flavors=tuple(flavors),
        images=tuple(images),
        key_pairs=tuple(key_pairs),
        zones=tuple(zones),
        networks=tuple(sorted(one.name for one in networks if not one.external)),
        external_networks=tuple(sorted(one.name for one in networks if one.external)),
        quotas=tuple(limits),
    )
