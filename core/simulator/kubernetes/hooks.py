"""What the API server asks of kubelets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Which part of a container's log: of the run before the present one, from a time on, the last `tail` lines.

    The kubelet heeds these; cutting after `limit` bytes and taking the times off the lines is the API server's.
    """

    follow: bool = False
    previous: bool = False
    since: datetime | None = None
    tail: int | None = None
    limit: int | None = None
    timestamps: bool = False


@dataclass(frozen=True, slots=True)
class Streams:
    """A command's input as it comes, until it ends, and where its output goes."""

    stdin: AsyncIterator[bytes]
    stdout: Callable[[bytes], Awaitable[None]]
    stderr: Callable[[bytes], Awaitable[None]]
    tty: bool = False


class Hooks(Protocol):
    """The kubelets of all nodes, as the API server reaches them.

    Raises (every method): ApiError, that the client gets as it is (no such container, waiting to start, node away).
    """

    def logs(self, pod: Object, container: str, options: LogOptions) -> AsyncIterator[bytes]:
        """Pieces of a log, as they come: whole lines, each with its time and a blank before it and a newline behind.

        "2026-05-01T12:00:00.123456789Z GET / 200\\n". With `follow` until the container's run ends. The first piece, or
        the end, is waited for before the answer begins: what is raised until then becomes the answer.
        """
        ...

    async def execute(self, pod: Object, container: str, command: list[str], streams: Streams) -> int:
        """Run a command in a container and return its exit status."""
        ...

    async def connect(self, pod: Object, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to a port of a pod. Raises OSError where nobody listens."""
        ...
