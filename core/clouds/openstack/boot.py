"""What a server is made of, and a port that it lost given back to it."""

from __future__ import annotations

from typing import Any

from core.clouds.base import MachineWish
from core.clouds.openstack.calls import Calls
from core.clouds.openstack.catalogue import Catalogue
from core.clouds.openstack.errors import Taken
from core.clouds.openstack.ground import Base
from core.clouds.openstack.groups import role_wish
from core.clouds.openstack.listing import server_row
from core.clouds.openstack.names import Marks
from core.clouds.openstack.records import Port, Server
from core.clouds.openstack.servers import only, state
from core.clouds.openstack.userdata import Newcomer, cloud_config, encoded
from core.clouds.openstack.volumes import boot_source
from core.engine.errors import Refusal, Transient, Trouble
from core.engine.step import Report
from core.model.provider import OpenStack


async def fields(
    wish: MachineWish,
    wanted: OpenStack,
    marks: Marks,
    catalogue: Catalogue,
    *,
    base: Base,
    port: Port,
    generation: int,
) -> dict[str, Any]:
    """The fields of the server's creation, as the SDK takes them.

    Raises:
        Refusal: its flavor or image is not there.
    """
    options = dict(wish.options)
    flavor = await catalogue.flavor(_needed(wish, options, "flavor"))
    image = await catalogue.image(_needed(wish, options, "image"))
    found: dict[str, Any] = {
        "name": marks.server_name(wish.name, generation),
        "flavor_id": flavor.id,
        "networks": [{"port": port.id}],
        "user_data": encoded(cloud_config(_newcomer(wish, wanted, marks, generation))),
        "config_drive": True,
        "metadata": marks.metadata(wish.component, role_wish(wish).role, wish.name, generation),
        "tags": marks.tags,
        **boot_source(wanted, image.id),
    }
    found |= {name: options[key] for key, name in _PASSED.items() if options.get(key)}
    if base.server_group is not None:
        found["scheduler_hints"] = {"group": base.server_group}
    return found


_PASSED = {"key_pair": "key_name", "availability_zone": "availability_zone"}
"""Options of a wish that go into the creation as they are, and under which name."""


async def made(calls: Calls, fields: dict[str, Any]) -> Server:
    """Make a server.

    Raises:
        Transient: its port is in another server's hands, which may be an earlier one of the same machine.
    """
    try:
        return await calls.do(lambda cloud: server_row(cloud.compute.create_server(**fields)))
    except Taken as taken:
        raise Transient(f"server {fields['name']} cannot be made: {taken.what}") from taken


async def reattached(calls: Calls, servers: list[Server], port: Port, report: Report) -> None:
    """Give a running server its port back, where the one it had was deleted behind our back."""
    server = only(servers[0].machine, servers) if servers else None
    if server is None or state(server) != "running" or port.device == server.id:
        return
    if port.device:
        what = f"port {port.name} belongs to server {port.device}, not to {server.name}"
        raise Refusal(what, where=server.machine, fix="detach it there, then deploy again")
    report(f"server {server.name} has lost its port: it gets {port.name} at {port.address}", "warning")
    await calls.do(lambda cloud: cloud.compute.create_server_interface(server.id, port_id=port.id))


def _newcomer(wish: MachineWish, wanted: OpenStack, marks: Marks, generation: int) -> Newcomer:
    try:
        private = wish.host_key.read_text()
        return Newcomer(
            name=wish.name,
            user=wanted.user,
            host_key=private,
            host_public=_public(private),
            login_key=wish.login_key,
            identity={
                "environment": marks.environment,
                "id": marks.identity,
                "component": wish.component,
                "role": wish.role,
                "machine": wish.name,
                "generation": str(generation),
            },
        )
    except (OSError, ValueError) as error:
        raise Trouble(f"the host key of {wish.name} cannot be read: {error}", where=str(wish.host_key)) from error


def _public(private: str) -> str:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_ssh_private_key(private.encode(), None)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.decode()


def _needed(wish: MachineWish, options: dict[str, str], name: str) -> str:
    if not options.get(name):
        raise Refusal(f"{wish.name} has no {name}", where="provider openstack", fix=f"name one in provider.{name}")
    return options[name]
