"""A machine's SSH server on its own address: who may log in, and what a log-in may do."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import asyncssh

from core.simulator.addresses import SSH_PORT
from core.simulator.ssh.sessions import serve

if TYPE_CHECKING:
    from core.simulator.machine.machine import Machine

_ALGORITHMS: dict[str, list[str]] = {
    "kex_algs": ["curve25519-sha256", "ecdh-sha2-nistp256"],
    "encryption_algs": ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr"],
    "compression_algs": ["none"],
}
"""The cheapest ones that every client has: dozens of machines share one processor."""


class Door:
    """Listens while the machine has power and no fault keeps it from that; `adjust` brings it into line with both."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.links: set[asyncssh.SSHServerConnection] = set()
        self._key = asyncssh.import_private_key(machine.record.wish.host_key)
        self._login = asyncssh.import_public_key(machine.record.wish.login_key).public_data
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._shown: asyncssh.SSHKey | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._lock = asyncio.Lock()

    async def adjust(self) -> None:
        """Open, close or change the key that is shown, as power and faults ask for."""
        async with self._lock:
            wanted = self._wanted_key()
            if wanted is self._shown:
                return
            await self._shut()
            if wanted is not None:
                await self._open(wanted)

    async def close(self) -> None:
        """Listen no longer and cut every connection."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        async with self._lock:
            await self._shut()

    def admits(self, key: asyncssh.SSHKey) -> bool:
        """Whether a login key is the one that was given when the machine was made."""
        return key.public_data == self._login

    def _wanted_key(self) -> asyncssh.SSHKey | None:
        faults, machine = self.machine.world.faults, self.machine
        refused, wrong = faults.active("connection-refused", machine), faults.active("wrong-host-key", machine)
        ends = [fault.until for fault in (refused, wrong) if fault and fault.until is not None]
        if ends:
            # Nobody tells when a fault's time is over.
            self._look_again(min(ends))
        if not machine.powered or refused:
            return None
        if wrong:
            return self._shown if self._shown not in (None, self._key) else asyncssh.generate_private_key("ssh-ed25519")
        return self._key

    def _look_again(self, moment: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        delay = max(0.0, moment - time.time()) + 0.01
        self._timer = asyncio.get_running_loop().call_later(delay, self._adjust_soon)

    def _adjust_soon(self) -> None:
        self.machine.world.spawn(self.adjust(), "a fault ended")

    async def _open(self, key: asyncssh.SSHKey) -> None:
        self._acceptor = await asyncssh.listen(
            self.machine.address,
            SSH_PORT,
            server_factory=lambda: _Login(self),
            server_host_keys=[key],
            process_factory=lambda process: serve(self.machine, process),
            encoding=None,
            allow_scp=False,
            agent_forwarding=False,
            login_timeout=20,
            line_editor=False,
            **_ALGORITHMS,
        )
        self._shown = key

    async def _shut(self) -> None:
        acceptor, self._acceptor, self._shown = self._acceptor, None, None
        if acceptor is not None:
            acceptor.close()
            await acceptor.wait_closed()
        for link in list(self.links):
            link.abort()


class _Login(asyncssh.SSHServer):
    """One connection: root with the right key, commands, and connections onwards."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._link: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._link = conn
        self._door.links.add(conn)
        self._door.machine.world.usage.opened()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._link is not None:
            self._door.links.discard(self._link)
            self._door.machine.world.usage.closed()

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == "root" and self._door.admits(key)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:
        """A connection from the machine to somewhere it can reach."""
        machine = self._door.machine
        handler = machine.world.reach(machine, dest_host, dest_port)
        if handler is not None:
            return _closing(handler)
        if machine.world.machine_at(dest_host) is not None or dest_host in ("127.0.0.1", "localhost"):
            # What listens on a real socket, such as the API, is reached by it.
            real = machine.address if dest_host in ("127.0.0.1", "localhost") else dest_host
            return self._forwarded(real, dest_port)
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "Connection refused")

    def unix_connection_requested(self, dest_path: str) -> Any:
        """A connection to a socket of the machine's file system."""
        sockets = self._door.machine.ports.sockets
        real = sockets.get(dest_path) or sockets.get(dest_path.replace("/var/run/", "/run/"))
        if real is None or self._link is None:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "No such file or directory")
        return self._link.forward_unix_connection(str(real))

    def _forwarded(self, host: str, port: int) -> Any:
        if self._link is None:
            return False
        return self._link.forward_connection(host, port)


def _closing(handler: Callable[[Any, Any], Awaitable[None]]) -> Callable[[Any, Any], Awaitable[None]]:
    async def serve_one(reader: Any, writer: Any) -> None:
        with contextlib.suppress(ConnectionError, asyncssh.Error, asyncio.IncompleteReadError):
            await handler(reader, writer)
        writer.close()

    return serve_one
