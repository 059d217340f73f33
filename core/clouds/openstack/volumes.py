"""Booting from a volume, and what becomes of it."""

from __future__ import annotations

from typing import Any

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Gone
from core.clouds.openstack.records import Server
from core.engine.errors import Transient
from core.engine.step import Report
from core.model.provider import OpenStack


def boot_source(wanted: OpenStack, image: str) -> dict[str, Any]:
    """The fields of a server's creation that say what it boots from: the image itself, or a volume made of it."""
    if wanted.boot_volume is None:
        return {"image_id": image}
    device: dict[str, Any] = {
        "boot_index": 0,
        "uuid": image,
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": wanted.boot_volume,
        "delete_on_termination": True,
    }
    if wanted.volume_type is not None:
        device["volume_type"] = wanted.volume_type
    return {"block_device_mapping": [device]}


async def volumes_gone(calls: Calls, server: Server, report: Report) -> None:
    """See that the volumes that end with their server did; one that stayed behind is removed.

    Raises:
        Transient: one is still on its way.
    """
    for volume in server.volumes:
        await _volume_gone(calls, volume, server, report)


async def _volume_gone(calls: Calls, volume: str, server: Server, report: Report) -> None:
    try:
        found = await calls.ask(lambda cloud: cloud.block_storage.get_volume(volume))
    except Gone:
        return
    if found.status in ("available", "error"):
        report(f"volume {volume} stayed behind server {server.name}: removed", "warning")
        await calls.do(lambda cloud: cloud.block_storage.delete_volume(volume))
    raise Transient(f"volume {volume} of server {server.name} is still {found.status}")
