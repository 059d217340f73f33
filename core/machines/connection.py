"""One kept SSH connection to a machine, with many channels; it comes back by itself when it was lost."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import shlex
import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.engine.errors import Trouble, Unreachable
from core.machines.access import Access
from core.machines.outcome import Completed, LoginRefused, failure, shortened
from core.machines.placing import PLACE, file_pieces, placing_failure, upload_pieces
from core.machines.scripts import script
from core.machines.state import File

if TYPE_CHECKING:
    from asyncssh import SSHClientConnection, SSHReader, SSHWriter

    from core.machines.ssh import Process

CONNECT_TIMEOUT = 10.0
_PROBE_TIMEOUT = 3.0
_CLOSE_TIMEOUT = 5.0
_CHANNELS = 9
"""Sessions at one time; sshd's MaxSessions allows ten by default."""

_STREAM = script("stream.sh")


@dataclass(frozen=True, slots=True)
class Gates:
    """How much happens at one time over all machines: key exchange is processor work, uploads share one line."""

    handshakes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(10))
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))


class Connection:
    """The way to one machine. Commands run as root: through `sudo -n` where the login is another user's.

    A lost connection is made anew by the next call. A command that was under way then raises `Unreachable`: whether
    it took effect must be probed. `exclusive` is held by whoever changes what several steps share on the machine.
    """

    def __init__(self, access: Access, jump: Connection | None = None, gates: Gates | None = None) -> None:
        self.access = access
        self.exclusive = asyncio.Lock()
        self._jump = jump
        self._gates = gates or Gates()
        self._channels = asyncio.Semaphore(_CHANNELS)
        self._dialling = asyncio.Lock()
        self._link: SSHClientConnection | None = None
        self._sockets: dict[str, tuple[SSHClientConnection, Path]] = {}
        self._ports: dict[tuple[str, int], tuple[SSHClientConnection, int]] = {}
        self._folder: Path | None = None

    @property
    def name(self) -> str:
        """The machine's name."""
        return self.access.name

    async def run(
        self, command: str, *, stdin: str | bytes | None = None, check: bool = True, timeout: float = 60
    ) -> Completed:
        """Run a command to its end. What is secret goes in through `stdin`, never into the command.

        Args:
            timeout: seconds for all of it.

        Raises:
            Trouble: it failed (with `check`).
            Unreachable: the connection was lost or the time is over.
            Refusal: the machine turns us away.
        """
        content = stdin.encode() if isinstance(stdin, str) else stdin
        done = await self.feed(command, [content] if content else [], timeout=timeout)
        if check and done.status:
            raise failure(self.name, command, done)
        return done

    async def feed(self, command: str, pieces: Iterable[bytes], *, timeout: float = 60) -> Completed:
        """Run a command with the pieces as its input, read as they are sent; any status is an answer.

        Raises:
            Unreachable: the connection was lost or the time is over.
            Refusal: the machine turns us away.
        """
        try:
            async with asyncio.timeout(timeout), self._channels, self._losing(f"`{shortened(command)}`"):
                from core.machines import ssh

                return await ssh.finished(await self._start(command), pieces)
        except TimeoutError as error:
            what = f"`{shortened(command)}` did not end within {timeout:.0f} s"
            raise Unreachable(what, where=self.name) from error

    async def stream(self, command: str) -> AsyncGenerator[str, None]:
        """Give a command's output, both streams, line by line as it comes; closing the iterator ends the command.

        Raises:
            Trouble: it ended with another status than 0.
            Unreachable: the connection was lost.
        """
        from core.machines import ssh

        wrapped = f"{_STREAM}\nstream {shlex.quote(command)}"
        async with self._channels, self._losing(f"`{shortened(command)}`"):
            process = await self._start(wrapped, merged=True)
            async with contextlib.aclosing(ssh.lines(process)) as lines:
                try:
                    async for line in lines:
                        yield line
                except Trouble as trouble:
                    raise Trouble(f"`{shortened(command)}`: {trouble.what}", where=self.name) from None

    async def put(self, *files: File, timeout: float = 60) -> None:
        """Write files in one round trip, each one whole or not at all (temporary, checksum, fsync, rename).

        Raises:
            Trouble: one of them cannot be written; those before it are.
            Unreachable: the connection was lost or the time is over.
        """
        await self.place((piece for file in files for piece in file_pieces(file)), timeout=timeout)

    async def place(self, pieces: Iterable[bytes], *, timeout: float = 60) -> str:
        """Carry out operations of `core.machines.placing` in one round trip; gives what the script answers.

        Raises:
            Trouble: one of them failed; those before it are done.
            Unreachable: the connection was lost or the time is over.
        """
        done = await self.feed(PLACE, pieces, timeout=timeout)
        if done.status:
            raise placing_failure(self.name, done)
        return done.stdout

    async def read(self, path: str) -> bytes | None:
        """A file's content, None where there is no such file.

        Raises:
            Trouble: it cannot be read.
        """
        quoted = shlex.quote(path)
        done = await self.run(f"if [ -e {quoted} ]; then base64 -w0 < {quoted}; else echo absent-; fi")
        # "-" is no character of base64.
        return None if done.stdout.strip() == "absent-" else base64.b64decode(done.stdout)

    async def upload(
        self, local: Path, remote: str, mode: int = 0o755, *, sha256: str = "", timeout: float = 600
    ) -> None:
        """Copy a file of ours to the machine, whole or not at all; few uploads run at one time.

        Args:
            sha256: what the machine must find in it; taken from the file where it is not known.

        Raises:
            Trouble: it cannot be written there, or is not what it should be.
            Unreachable: the connection was lost or the time is over.
        """
        async with self._gates.uploads:
            pieces = await asyncio.to_thread(upload_pieces, local, remote, mode, sha256)
            await self.place(pieces, timeout=timeout)

    async def forward_socket(self, remote_path: str) -> Path:
        """A local socket, ours alone, that leads to a socket of the machine; it is renewed after a lost connection.

        Raises:
            Unreachable: the machine does not answer.
        """
        from core.machines import ssh

        link = await self._session()
        known = self._sockets.get(remote_path)
        if known is None or known[0] is not link:
            path = known[1] if known else self._private_folder() / f"{len(self._sockets)}.sock"
            async with self._losing(f"forwarding {remote_path}"):
                await ssh.listen(link, path, remote_path)
            self._sockets[remote_path] = link, path
        return self._sockets[remote_path][1]

    async def forward_port(self, host: str, port: int) -> int:
        """A port on this computer's loopback that leads to one the machine can reach; after a lost connection it is
        renewed with the same number.

        Raises:
            Unreachable: the machine does not answer.
        """
        from core.machines import ssh

        link = await self._session()
        known = self._ports.get((host, port))
        if known is None or known[0] is not link:
            async with self._losing(f"forwarding port {port}"):
                local = await ssh.listen_port(link, known[1] if known else 0, host, port)
            self._ports[host, port] = link, local
        return self._ports[host, port][1]

    @asynccontextmanager
    async def tcp(
        self, host: str, port: int, *, timeout: float = 10
    ) -> AsyncGenerator[tuple[SSHReader[bytes], SSHWriter[bytes]], None]:
        """A TCP connection from the machine to a port that it can reach, for at most `timeout` seconds.

        Raises:
            Unreachable: the connection was lost, was refused there, or the time is over.
        """
        try:
            async with asyncio.timeout(timeout), self._channels, self._losing(f"a question to {host}:{port}"):
                reader, writer = await (await self._session()).open_connection(host, port)
                try:
                    yield reader, writer
                finally:
                    writer.close()
        except TimeoutError as error:
            raise Unreachable(f"{host}:{port} did not answer within {timeout:.0f} s", where=self.name) from error

    async def wait(self, deadline: float) -> None:
        """Return as soon as SSH answers.

        Args:
            deadline: seconds. A key that is not accepted yet counts as not answering: it may be installed late.

        Raises:
            WrongHostKey: at once, whatever the deadline.
            Unreachable, LoginRefused: the last answer when the deadline was reached.
        """
        last: Trouble = Unreachable("SSH was not tried", where=self.name)
        pause = 0.1
        try:
            async with asyncio.timeout(deadline):
                while True:
                    try:
                        await self._session(_PROBE_TIMEOUT)
                        return
                    except (Unreachable, LoginRefused) as trouble:
                        last = trouble
                    await asyncio.sleep(pause)
                    pause = min(1.0, pause * 1.6)
        except TimeoutError:
            what = f"{last.what} (waited {deadline:.0f} s)"
            raise type(last)(what, where=last.where, fix=last.fix) from last

    async def close(self) -> None:
        """End the connection and what was forwarded over it."""
        link, self._link = self._link, None
        if link is not None:
            link.close()
            try:
                async with asyncio.timeout(_CLOSE_TIMEOUT):
                    await link.wait_closed()
            except TimeoutError:
                link.abort()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
            self._sockets.clear()

    async def _start(self, command: str, *, merged: bool = False) -> Process:
        """Start a command, on a new connection where the kept one turns out to be lost."""
        from core.machines import ssh

        told = self._as_root(command)
        process = await ssh.started(await self._session(), told, merged=merged)
        process = process or await ssh.started(await self._session(), told, merged=merged)
        if process is None:
            raise Unreachable("the connection is lost as soon as it is made", where=self.name)
        return process

    async def _session(self, connect_timeout: float = CONNECT_TIMEOUT) -> SSHClientConnection:
        from core.machines import ssh

        async with self._dialling:
            if self._link is None or self._link.is_closed():
                tunnel = await self._jump._session() if self._jump else None
                async with self._gates.handshakes:
                    self._link = await ssh.dial(self.access, tunnel, connect_timeout)
            return self._link

    @asynccontextmanager
    async def _losing(self, doing: str) -> AsyncGenerator[None, None]:
        """Tell a lost connection from every other error."""
        from core.machines import ssh

        try:
            yield
        except TimeoutError:
            raise
        except ssh.LOST as error:
            what = f"the connection was lost during {doing}: {ssh.reason(error)}"
            raise Unreachable(what, where=self.name) from error

    def _as_root(self, command: str) -> str:
        return command if self.access.user == "root" else f"sudo -n sh -c {shlex.quote(command)}"

    def _private_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="gondolier-"))
        return self._folder
