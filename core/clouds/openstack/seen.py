"""From the cloud's rows to machines as the rest of the program knows them."""

from __future__ import annotations

from core.clouds.base import CloudMachine
from core.clouds.openstack.names import Marks
from core.clouds.openstack.records import Machines, Port, Server
from core.clouds.openstack.servers import only, state


def seen(found: Machines, marks: Marks, user: str) -> dict[str, CloudMachine]:
    """Every machine that has a server. One whose port is gone has no way to it and does not count as running.

    Raises:
        Refusal: two servers claim to be one machine.
    """
    machines = {}
    for name in sorted({server.machine for server in found.servers if server.machine}):
        server = only(name, found.servers_of(name))
        if server is not None:
            machines[name] = _machine(name, server, found.port(marks.port_name(name)), found, user)
    return machines


_WITHOUT_DATA = ("BUILD", "REBUILD", "DELETING")
"""What a server that has no data, or none any more, is on its way through."""


def _status(server: Server) -> str:
    """What ran once has its data and comes back; whoever counts it as lost would lose that."""
    found = state(server)
    keeps = server.launched and server.status not in _WITHOUT_DATA
    return "stopped" if found in ("building", "error") and keeps else found


def _machine(name: str, server: Server, port: Port | None, found: Machines, user: str) -> CloudMachine:
    status, fault = _status(server), server.fault
    if status == "running" and (port is None or port.device != server.id):
        status, fault = "stopped", "its port is gone or belongs to another server"
    floating = next((one.address for one in found.floating if port is not None and one.port == port.id), None)
    address = port.address if port else None
    return CloudMachine(name, server.id, status, address, user, floating=floating, fault=fault)
