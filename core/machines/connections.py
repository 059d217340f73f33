"""The kept connections of one run: one for each machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.machines.access import Access
from core.machines.connection import Connection, Gates


class Connections:
    """Gives the connection to a machine by name; nothing is dialled before it is used.

    `access` is asked at every `get`: a machine that has another address, key or jump host than before gets a new
    connection, and the old one is closed. It may raise `Trouble` for a machine that it does not know.
    """

    def __init__(self, access: Callable[[str], Access]) -> None:
        self._access = access
        self._gates = Gates()
        self._kept: dict[str, Connection] = {}

    async def get(self, name: str) -> Connection:
        """The kept connection to the machine of this name."""
        return await self._of(self._access(name))

    async def drop(self, name: str) -> None:
        """Close the connection to a machine, if there is one."""
        kept = self._kept.pop(name, None)
        if kept is not None:
            await kept.close()

    async def close(self) -> None:
        """Close every connection."""
        kept, self._kept = self._kept, {}
        await asyncio.gather(*(connection.close() for connection in kept.values()))

    async def _of(self, access: Access) -> Connection:
        jump = await self._of(access.jump) if access.jump else None
        kept = self._kept.get(access.name)
        if kept is not None and kept.access == access:
            return kept
        new = self._kept[access.name] = Connection(access, jump, self._gates)
        if kept is not None:
            await kept.close()
        return new
