"""The edge to asyncssh: log-in with a pinned host key, commands, and its errors as ours.

The only module that imports asyncssh; it is itself imported when the first connection is made.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import TypeAlias

import asyncssh

from core.engine.errors import Refusal, Trouble, Unreachable
from core.machines.access import Access
from core.machines.outcome import Completed, LoginRefused, WrongHostKey

LOST = (asyncssh.Error, OSError)
"""What asyncssh raises when a connection or a channel fails; timeouts are among them."""

Process: TypeAlias = "asyncssh.SSHClientProcess[bytes]"

LOGIN_TIMEOUT = 20.0
KEEPALIVE_INTERVAL = 10.0
KEEPALIVE_COUNT = 3

_HOST_KEY_ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
"""All that a server may show, so that a machine with another kind of key is seen as wrong, not as incompatible."""


async def dial(
    access: Access, tunnel: asyncssh.SSHClientConnection | None, connect_timeout: float
) -> asyncssh.SSHClientConnection:
    """Log in to a machine.

    Raises:
        WrongHostKey: the machine showed another key than the pinned one.
        LoginRefused: the machine does not accept the login key.
        Refusal: a key of ours cannot be used.
        Unreachable: it does not answer.
    """
    pinned, login = _public_key(access), _private_key(access)
    witness = _Witness()
    try:
        return await asyncssh.connect(
            access.address,
            access.port,
            username=access.user,
            client_factory=lambda: witness,
            client_keys=[login],
            known_hosts=([pinned], [], []),
            server_host_key_algs=_preferring(pinned),
            preferred_auth="publickey",
            agent_path=None,
            config=None,
            tunnel=tunnel or (),
            connect_timeout=connect_timeout,
            login_timeout=LOGIN_TIMEOUT,
            keepalive_interval=KEEPALIVE_INTERVAL,
            keepalive_count_max=KEEPALIVE_COUNT,
        )
    except LOST as error:
        raise _explained(access, error, pinned, witness.shown) from error


class _Witness(asyncssh.SSHClient):
    """Asked about keys that are not the pinned one: keeps the last one for the message, trusts none."""

    shown: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key
        return False


async def started(link: asyncssh.SSHClientConnection, command: str, *, merged: bool = False) -> Process | None:
    """Start a command; None where the connection turned out to be lost before the command could start.

    `merged` puts its error output among the other.

    Raises:
        asyncssh.Error, OSError: the connection was lost; whether the command ran is unknown.
    """
    try:
        stderr = asyncssh.STDOUT if merged else asyncssh.PIPE
        return await link.create_process(command, encoding=None, stderr=stderr)
    except asyncssh.ChannelOpenError:
        if link.is_closed():
            return None
        raise


async def finished(process: Process, pieces: Iterable[bytes]) -> Completed:
    """See a command to its end, with the pieces as its standard input.

    Raises:
        asyncssh.Error, OSError: the connection was lost; whether the command ran is unknown.
    """
    try:
        # A command that ends without reading all its input says why by its status.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                process.stdin.write(piece)
                await process.stdin.drain()
            process.stdin.write_eof()
        done = await process.wait()
    except BaseException:
        _abandon(process)
        raise
    return Completed(_status(done.returncode), _text(done.stdout), _text(done.stderr))


async def lines(process: Process) -> AsyncGenerator[str, None]:
    """Give what a command writes, line by line.

    Raises:
        Trouble: the command failed; the message holds its last line.
        asyncssh.Error, OSError: the connection was lost.
    """
    last = ""
    try:
        async for raw in process.stdout:
            if not raw:
                # The end; a line of nothing has at least its end.
                break
            line = _text(raw).rstrip("\n")
            last = line if line.strip() else last
            yield line
        status = _status((await process.wait()).returncode)
    finally:
        process.close()
    if status:
        raise Trouble(f"the command ended with status {status}: {last}")


def _status(returncode: int | None) -> int:
    if returncode is None:
        raise asyncssh.ConnectionLost("the connection was lost while the command ran")
    return returncode


async def listen(link: asyncssh.SSHClientConnection, local: Path, remote: str) -> None:
    """Make a local socket that leads to a socket of the machine, for as long as the connection lives."""
    local.unlink(missing_ok=True)
    await link.forward_local_path(str(local), remote)


async def listen_port(link: asyncssh.SSHClientConnection, local: int, host: str, port: int) -> int:
    """Make a port on loopback, any for 0, that leads to a port the machine can reach, as long as the link lives."""
    listener = await link.forward_local_port("127.0.0.1", local, host, port)
    return listener.get_port()


def reason(error: BaseException) -> str:
    """The other side's words, or the kind of failure where it had none."""
    return str(getattr(error, "reason", "") or getattr(error, "strerror", "") or error or type(error).__name__)


def _abandon(process: Process) -> None:
    with contextlib.suppress(*LOST):
        process.terminate()
    process.close()


def _text(output: bytes | str | None) -> str:
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""


def _public_key(access: Access) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_public_key(access.host_key)
    except (asyncssh.KeyImportError, ValueError) as error:
        raise Refusal("its pinned host key cannot be read", where=access.name, fix=_PIN_FIX) from error


def _private_key(access: Access) -> asyncssh.SSHKey:
    try:
        return asyncssh.read_private_key(access.login_key)
    except OSError as error:
        what = f"the login key {access.login_key} cannot be read: {error.strerror}"
        raise Refusal(what, where=access.name, fix="name a key file that exists and that you may read") from error
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        what = f"the login key {access.login_key} cannot be used: {error}"
        raise Refusal(what, where=access.name, fix="use a private key without a passphrase") from error


def _preferring(pinned: asyncssh.SSHKey) -> list[str]:
    own = [name.decode() for name in pinned.sig_algorithms]
    return sorted(_HOST_KEY_ALGORITHMS, key=lambda name: name not in own)


def _explained(access: Access, error: BaseException, pinned: asyncssh.SSHKey, shown: asyncssh.SSHKey | None) -> Trouble:
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        found = _fingerprint(shown) if shown else "a certificate"
        what = f"{access.address} showed another host key: expected {_fingerprint(pinned)}, found {found}"
        return WrongHostKey(what, where=access.name, fix=_PIN_FIX)
    if isinstance(error, asyncssh.PermissionDenied):
        what = f"{access.user}@{access.address} does not accept the login key {access.login_key}"
        fix = f"add its public key to the authorized_keys of {access.user}"
        return LoginRefused(what, where=access.name, fix=fix)
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return Refusal(f"no common way to talk: {reason(error)}", where=access.name, fix="update the machine's sshd")
    return Unreachable(_silence(access, error), where=access.name, fix="see whether it runs and its sshd listens")


def _fingerprint(key: asyncssh.SSHKey) -> str:
    return f"{key.get_algorithm()} {key.get_fingerprint()}"


_PIN_FIX = "find out what answers at that address; replace the machine if this is not the one that was created"


def _silence(access: Access, error: BaseException) -> str:
    place = f"{access.address} port {access.port}"
    if isinstance(error, TimeoutError):
        return f"no answer from {place} in time"
    if isinstance(error, ConnectionRefusedError):
        return f"{place} refuses connections"
    return f"no SSH at {place}: {reason(error)}"
