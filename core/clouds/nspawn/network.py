"""The environment's bridge and every machine's link to it.

A machine's network namespace is made before it boots and outlives its reboots, kept by a bind mount beside its root:
address and route are there before the first program inside runs. Source: ip-link(8), network_namespaces(7).
"""

from __future__ import annotations

import json
import socket
from ipaddress import IPv4Network

from core.clouds.nspawn import mounts
from core.clouds.nspawn.kernel import raise_settings
from core.clouds.nspawn.names import Names
from core.clouds.nspawn.place import Place
from core.clouds.process import run

_INTERFACE = "host0"


def gateway(subnet: IPv4Network) -> str:
    """The bridge's address: the first host of the subnet."""
    return str(subnet.network_address + 1)


async def ensure_bridge(bridge: str, names: Names, subnet: IPv4Network) -> None:
    """Bring up the bridge with its address."""
    if not _exists(bridge):
        await run("ip", "link", "add", bridge, "address", names.hardware_address(""), "type", "bridge")
    await run("ip", "link", "set", bridge, "alias", names.comment, "up")
    await run("ip", "address", "replace", f"{gateway(subnet)}/{subnet.prefixlen}", "dev", bridge)
    raise_settings()


async def remove_bridge(bridge: str) -> None:
    """Remove the bridge; one that is gone is fine."""
    if _exists(bridge):
        await run("ip", "link", "delete", bridge)


async def ensure_link(place: Place, bridge: str, address: str, subnet: IPv4Network) -> None:
    """Give the machine a namespace with its address and default route, linked to the bridge."""
    veth = place.names.veth(place.name)
    if not mounts.is_mounted(place.network):
        await remove_link(place)
        place.network.touch()
        await run("unshare", f"--net={place.network}", "true")
    if not _exists(veth):
        # From the address, not the name: who gets an address after another must not wait for stale neighbour entries.
        hardware = place.names.hardware_address(address)
        peer = ("name", _INTERFACE, "address", hardware, "netns", str(place.network))
        await run("ip", "link", "add", veth, "type", "veth", "peer", *peer)
    await attach(place, bridge)
    await run("nsenter", f"--net={place.network}", "ip", "-batch", "-", stdin=_inside(address, subnet))


async def attach(place: Place, bridge: str) -> None:
    """Put the machine's link on the bridge."""
    veth = place.names.veth(place.name)
    await run("ip", "link", "set", veth, "alias", f"{place.names.comment}/{place.name}", "master", bridge, "up")


async def remove_link(place: Place) -> None:
    """Take the machine off the bridge and let go of its namespace."""
    veth = place.names.veth(place.name)
    if _exists(veth):
        await run("ip", "link", "delete", veth)
    await mounts.unmount_beneath(place.network)
    place.network.unlink(missing_ok=True)


async def taken_networks() -> dict[str, IPv4Network]:
    """Networks that this host has routes to, with the interface in the sentence's words ("route to … through eth0")."""
    routes = json.loads((await run("ip", "-json", "-4", "route", "show")).stdout or "[]")
    found: dict[str, IPv4Network] = {}
    for route in routes:
        if route["dst"] != "default":
            found[f"{route['dst']} on {route.get('dev', 'no device')}"] = IPv4Network(route["dst"], strict=False)
    return found


def _inside(address: str, subnet: IPv4Network) -> str:
    return (
        "link set lo up\n"
        f"address replace {address}/{subnet.prefixlen} dev {_INTERFACE}\n"
        f"link set {_INTERFACE} up\n"
        f"route replace default via {gateway(subnet)}\n"
    )


def _exists(interface: str) -> bool:
    return any(name == interface for _, name in socket.if_nameindex())
