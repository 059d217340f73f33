"""The run's local socket: any number of followers get its events as lines of JSON and may ask it to cancel."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from core.engine.bus import Bus, Subscription
from core.engine.errors import Trouble
from core.engine.events import Event, RequestRefused, RunCancelled, decode, encode
from core.store.home import private_directory, socket_address

LONGEST_LINE = 64 * 1024 * 1024
"""Bytes; a stage of many thousand steps is one line."""

_LONGEST_REQUEST = 4096
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")

_log = logging.getLogger(__name__)


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a follower may send: one JSON object on a line."""

    cancel: bool


def socket_path(home: Path, environment: str) -> Path:
    """Where the run of an environment listens; names that are long or unusual are replaced by their hash."""
    name = environment if set(environment) <= _PLAIN and len(environment) <= 60 else _hashed(environment)
    return home / "run" / f"{name}.sock"


def _hashed(environment: str) -> str:
    return "~" + hashlib.sha256(environment.encode()).hexdigest()[:16]


class Session:
    """Serves one run's bus; the caller holds the environment's lock, so a socket that is there is a dead run's."""

    def __init__(self, home: Path, environment: str, bus: Bus, cancel: Callable[[str], None]) -> None:
        self._path = socket_path(home, environment)
        self._bus = bus
        self._cancel = cancel
        self._server: asyncio.Server | None = None
        self._inode = 0
        self._followers: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen.

        Raises:
            Trouble: the socket cannot be made.
        """
        try:
            private_directory(self._path.parent)
            self._path.unlink(missing_ok=True)
            with socket_address(self._path) as address:
                self._server = await asyncio.start_unix_server(self._follower, address, limit=_LONGEST_REQUEST)
            self._path.chmod(0o600)
            self._inode = self._path.stat().st_ino
        except OSError as error:
            raise Trouble(f"the run's socket cannot be made: {error}", where=str(self._path)) from error

    def stop_listening(self) -> None:
        """Take no new followers and remove the socket; those who follow stay."""
        if self._server is not None:
            self._server.close()
            self._server = None
            with suppress(FileNotFoundError):
                self._remove_own()

    def _remove_own(self) -> None:
        # A run that took over listens at the same path: its socket stays.
        if self._path.stat().st_ino == self._inode:
            self._path.unlink()

    async def close(self, patience: float = 2.0) -> None:
        """Let followers read what waits for at most `patience` seconds after the bus was closed, then hang up."""
        self.stop_listening()
        if self._followers:
            _, slow = await asyncio.wait(self._followers, timeout=patience)
            for task in slow:
                task.cancel()

    async def _follower(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        events = self._bus.subscribe(replay=True)
        task = asyncio.ensure_future(_write_all(events, writer))
        self._followers.add(task)
        requests = asyncio.ensure_future(self._requests(reader, events))
        try:
            await asyncio.wait({task})
        finally:
            requests.cancel()
            events.close()
            self._followers.discard(task)
            writer.close()

    async def _requests(self, reader: asyncio.StreamReader, events: Subscription) -> None:
        try:
            while line := await reader.readline():
                self._request(line, events)
        except ValueError:
            _refuse(events, f"a request is longer than {_LONGEST_REQUEST} bytes")
        except ConnectionError:
            _log.debug("a follower hung up")
        else:
            _log.debug("a follower sends no more")

    def _request(self, line: bytes, events: Subscription) -> None:
        try:
            request = msgspec.json.decode(line, type=Request)
        except msgspec.DecodeError as error:
            _refuse(events, f"not a request: {error}")
            return
        if request.cancel:
            self._cancel("cancelled by a follower")


def _refuse(events: Subscription, text: str) -> None:
    events.put(RequestRefused(time=time.time(), text=text))


async def _write_all(events: Subscription, writer: asyncio.StreamWriter) -> None:
    """Pass events on until they end or the follower hangs up."""
    with suppress(ConnectionError):
        async for event in events:
            writer.write(encode(event) + b"\n")
            await writer.drain()


async def follow(home: Path, environment: str) -> AsyncGenerator[Event, None]:
    """The live run's events from its beginning to its end; nothing at all where no run is live.

    Ends without `RunFinished` when the run's process dies.

    Raises:
        Trouble: the socket is there but may not be used, or speaks another language.
    """
    connection = await _connect(home, environment)
    if connection is None:
        return
    reader, writer = connection
    try:
        async for line in _lines(reader):
            yield decode(line)
    finally:
        writer.close()


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    with suppress(ConnectionError):
        while (line := await reader.readline()).endswith(b"\n"):
            yield line


async def request_cancel(home: Path, environment: str) -> bool:
    """Ask the live run to cancel and wait until it says that it does; False where no run is live.

    Raises:
        Trouble: the socket is there but may not be used.
    """
    connection = await _connect(home, environment)
    if connection is None:
        return False
    reader, writer = connection
    try:
        writer.write(msgspec.json.encode(Request(cancel=True)) + b"\n")
        async for line in _lines(reader):
            if isinstance(decode(line), RunCancelled):
                return True
    finally:
        writer.close()
    return False


async def _connect(home: Path, environment: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    path = socket_path(home, environment)
    try:
        with socket_address(path) as address:
            return await asyncio.open_unix_connection(address, limit=LONGEST_LINE)
    except (FileNotFoundError, ConnectionError):
        return None
    except OSError as error:
        raise Trouble(f"the run cannot be followed: {error}", where=str(path)) from error
