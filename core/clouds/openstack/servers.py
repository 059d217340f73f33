"""Servers: made once, brought back to running, replaced when they came up wrong, removed with proof."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.clouds.openstack.calls import Calls
from core.clouds.openstack.errors import Gone, Taken
from core.clouds.openstack.listing import list_servers, server_row
from core.clouds.openstack.names import Marks
from core.clouds.openstack.records import Server
from core.clouds.openstack.sharing import Shared
from core.clouds.openstack.volumes import volumes_gone
from core.engine.errors import Refusal, Transient, Trouble
from core.engine.step import Report

MOST_ATTEMPTS = 3
"""Servers made one after another for a machine before its fault is taken as lasting."""

GONE_WITHIN = 180.0
"""Seconds that a server may take to be gone."""

STATES: Mapping[str, str] = {
    "ACTIVE": "running",
    "PASSWORD": "running",
    "MIGRATING": "running",
    "VERIFY_RESIZE": "running",
    "SHUTOFF": "stopped",
    "PAUSED": "stopped",
    "SUSPENDED": "stopped",
    "RESCUE": "stopped",
    "SHELVED": "stopped",
    "SHELVED_OFFLOADED": "stopped",
    "ERROR": "error",
    "DELETED": "gone",
    "SOFT_DELETED": "gone",
}
"""Nova's status in the words of `CloudMachine`; any other is on its way somewhere: "building".

Source: docs.openstack.org, Compute API guide, "Server Concepts"."""

_REVIVALS: Mapping[str, tuple[str, str]] = {
    "ERROR": ("reboot_server", "rebooted, for it ran once"),
    "SHUTOFF": ("start_server", "started"),
    "PAUSED": ("unpause_server", "unpaused"),
    "SUSPENDED": ("resume_server", "resumed"),
    "RESCUE": ("unrescue_server", "taken out of rescue"),
    "SHELVED": ("unshelve_server", "unshelved"),
    "SHELVED_OFFLOADED": ("unshelve_server", "unshelved"),
}
"""What brings a server back to running, as the SDK calls it, and in a person's words."""

_NO_HOST = "No valid host"
_FIRST_LOOK, _LONGEST = 0.5, 3.0
_OBEYS_WITHIN = 60.0
"""Seconds in which a server shows that it follows an order."""

Make = Callable[[int], Awaitable[Server]]


def state(server: Server) -> str:
    """The server's status as `CloudMachine` has it, or "gone"."""
    return STATES.get(server.status, "building")


def only(machine: str, servers: list[Server]) -> Server | None:
    """The machine's server, None where there is none; older generations wait to be removed and are not it.

    Raises:
        Refusal: two of one generation claim to be it, and nobody can say which one is.
    """
    alive = [server for server in servers if state(server) != "gone"]
    if len(alive) > 1 and alive[0].generation == alive[1].generation:
        ids = ", ".join(server.id for server in alive)
        raise Refusal(f"{len(alive)} servers claim to be {machine}: {ids}", where=machine, fix="remove all but one")
    return alive[0] if alive else None


def _broken(machine: str, server: Server) -> Refusal:
    """A server that ran has a node's data: whether to give that up is not for a program to say."""
    what = f"server {server.name} ran and is {server.status} now: {server.fault or 'the cloud gave no reason'}"
    fix = "have it repaired, or delete the server and deploy again: then the machine is made anew"
    return Refusal(what, where=machine, fix=fix)


class Servers:
    """Brings servers about; `pause` is how the time between two looks is spent."""

    def __init__(self, calls: Calls, marks: Marks, pause: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._calls = calls
        self._all = Shared(lambda: list_servers(calls, marks))
        self._pause = pause

    async def running(self, machine: str, found: list[Server], first: int, make: Make, report: Report) -> Server:
        """The machine's server, running; `make` makes one of the given generation, `first` is that of the first.

        Raises:
            Refusal: the cloud has no room, or there are twins.
            Trouble: several servers in a row came up wrong; with the last one's fault.
        """
        server = only(machine, found)
        for old in found:
            if server is not None and old.generation < server.generation and state(old) != "gone":
                await self.delete(old, report)
        tried = server or await make(first)
        for attempt in range(1, MOST_ATTEMPTS + 1):
            tried = await self._revived(machine, await self.settled(tried), report)
            if state(tried) == "running":
                return tried
            if tried.launched:
                raise _broken(machine, tried)
            await self._give_up(machine, tried, report)
            if attempt < MOST_ATTEMPTS:
                tried = await make(tried.generation + 1)
        raise Trouble(
            f"{MOST_ATTEMPTS} servers in a row came up wrong; the last one's fault: {tried.fault or 'none given'}",
            where=machine,
            fix="ask the cloud's operator, or choose another flavor, image or zone",
        )

    async def settled(self, server: Server) -> Server:
        """The server when it is no longer on its way; the caller's deadline ends the waiting."""
        wait = _FIRST_LOOK
        while state(server) == "building":
            await self._pause(wait)
            wait = min(_LONGEST, wait * 1.4)
            server = await self.look(server)
        return server

    async def look(self, server: Server) -> Server:
        """The server as it is now.

        Raises:
            Transient: it vanished meanwhile.
        """
        found = await self._present(server)
        if found is None:
            raise Transient(f"server {server.name} was deleted meanwhile", where=server.machine)
        return found

    async def delete(self, server: Server, report: Report) -> None:
        """Remove a server and return when it is gone.

        Raises:
            Transient: the deletion failed, which another attempt may not; or it takes too long.
        """
        report(f"deleting server {server.name}")
        await self._order_deletion(server)
        waited, wait = 0.0, _FIRST_LOOK
        while waited < GONE_WITHIN:
            found = await self._present(server)
            if found is None:
                await volumes_gone(self._calls, server, report)
                return
            if state(found) == "error" and state(server) != "error":
                raise Transient(f"server {server.name} was not deleted: {found.fault or 'no reason given'}")
            await self._pause(wait)
            waited, wait = waited + wait, min(_LONGEST, wait * 1.4)
        raise Transient(f"server {server.name} is still there {GONE_WITHIN:.0f} s after its deletion was accepted")

    async def console(self, server: Server, lines: int = 40) -> str:
        """The last lines that the server wrote on its console."""
        answer: Any = await self._calls.ask(
            lambda cloud: cloud.compute.get_server_console_output(server.id, length=lines)
        )
        return str(answer.get("output", "")) if isinstance(answer, Mapping) else str(answer)

    async def _order_deletion(self, server: Server) -> None:
        try:
            await self._calls.do(lambda cloud: cloud.compute.delete_server(server.id, ignore_missing=True))
        except (Gone, Taken):
            # Taken: another task of Nova has it in hand; whether it goes is what the looks say.
            return

    async def _present(self, server: Server) -> Server | None:
        """The server as it is now, None where it is gone; all that wait ask together."""
        for one in await self._all.look():
            if one.id == server.id:
                return None if state(one) == "gone" else one
        try:
            found = await self._calls.ask(lambda cloud: server_row(cloud.compute.get_server(server.id)))
        except Gone:
            return None
        return None if state(found) == "gone" else found

    async def _revived(self, machine: str, server: Server, report: Report) -> Server:
        revival = _REVIVALS.get(server.status)
        if revival is None or (server.status == "ERROR" and not server.launched):
            return server
        call, word = revival
        why = f" ({server.fault})" if server.fault else ""
        report(f"server {server.name} is {server.status}{why}: it is {word}", "warning" if why else "info")
        kind = ("HARD",) if call == "reboot_server" else ()
        try:
            await self._calls.do(lambda cloud: getattr(cloud.compute, call)(server.id, *kind))
        except Taken as taken:
            raise Transient(taken.what, where=machine) from taken
        return await self._left(server)

    async def _left(self, server: Server) -> Server:
        """The server when it has another status: after an order the old one may show for a while."""
        waited, wait, before = 0.0, _FIRST_LOOK, server.status
        while server.status == before and waited < _OBEYS_WITHIN:
            await self._pause(wait)
            waited, wait = waited + wait, min(_LONGEST, wait * 1.4)
            server = await self.look(server)
        return await self.settled(server)

    async def _give_up(self, machine: str, server: Server, report: Report) -> None:
        fault = server.fault or "the cloud gave no reason"
        report(f"server {server.name} came up wrong: {fault}", "warning")
        await self.delete(server, report)
        if _NO_HOST in fault:
            raise Refusal(
                f"the cloud has no room for it: {fault}",
                where=machine,
                fix="choose a smaller flavor or another zone, or have room made",
            )
