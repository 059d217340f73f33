"""What a simulated application says to a client: a page, a protocol's first word, or an echo."""

from __future__ import annotations

import asyncio
import contextlib
import html
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.simulator.machine.ports import Handler, Reader, Writer

_FIRST_WORD = 0.3
"""Seconds that a client may take to speak first; then it is told who listens."""

_METHODS = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ")
_LOST = (OSError, asyncio.IncompleteReadError, EOFError)

_PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{application} (simulated)</title></head>
<body>
<h1>{application}</h1>
<p>This application is <strong>simulated</strong> by Gondolier.</p>
<dl>
<dt>pod</dt><dd>{instance}</dd>
<dt>image</dt><dd>{image}</dd>
<dt>asked for</dt><dd>{path}</dd>
</dl>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Served:
    """Who answers: an `application` in an `instance` (a pod or a Docker container), started from an `image`."""

    application: str
    instance: str
    image: str

    def banner(self) -> bytes:
        """Who listens, in a line."""
        return f"{self.application} {self.instance} {self.image} (simulated)\r\n".encode()


def handler(served: Served) -> Handler:
    """What serves connections to an application; HTTP is answered on every port, for many images speak it."""
    speak = next((speak for word, speak in _SPEAKERS.items() if word in served.image), _echo)

    async def serve(reader: Reader, writer: Writer) -> None:
        with contextlib.suppress(*_LOST):
            first = await _first_line(reader)
            if first.startswith(_METHODS):
                await _page(served, first, reader, writer)
            else:
                await speak(served, first, reader, writer)
            await writer.drain()

    return serve


def datagram(served: Served, question: bytes) -> bytes:
    """The answer to a datagram."""
    return served.banner() + question


async def _first_line(reader: Reader) -> bytes:
    try:
        async with asyncio.timeout(_FIRST_WORD):
            return await reader.readline()
    except TimeoutError:
        return b""


async def _page(served: Served, first: bytes, reader: Reader, writer: Writer) -> None:
    while (await reader.readline()).strip():
        pass
    method, path = [*first.decode(errors="replace").split(), "/"][:2]
    fields = {"application": served.application, "instance": served.instance, "image": served.image, "path": path}
    body = _PAGE.format(**{name: html.escape(value) for name, value in fields.items()}).encode()
    head = (
        "HTTP/1.1 200 OK\r\nServer: gondolier-simulator\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nX-Simulated: true\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + (b"" if method == "HEAD" else body))


async def _echo(served: Served, first: bytes, reader: Reader, writer: Writer) -> None:
    writer.write(served.banner() + first)
    await writer.drain()
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()


async def _redis(served: Served, first: bytes, reader: Reader, writer: Writer) -> None:
    line = first or await reader.readline()
    while line:
        words = await _redis_words(line, reader)
        writer.write(_redis_answer(served, words))
        await writer.drain()
        line = await reader.readline()


async def _redis_words(line: bytes, reader: Reader) -> list[bytes]:
    """A command as Redis takes it: words in a line, or an array of strings with their lengths (RESP)."""
    if not line.startswith(b"*"):
        return line.split()
    words = []
    for _ in range(int(line[1:])):
        size = int((await reader.readline())[1:])
        words.append((await reader.readexactly(size + 2))[:-2])
    return words


def _redis_answer(served: Served, words: list[bytes]) -> bytes:
    command = words[0].upper() if words else b""
    match command:
        case b"PING":
            return b"+PONG\r\n" if len(words) == 1 else b"$%d\r\n%s\r\n" % (len(words[1]), words[1])
        case b"ECHO" if len(words) == 2:
            return b"$%d\r\n%s\r\n" % (len(words[1]), words[1])
        case b"INFO":
            text = b"# Server\r\nredis_mode:standalone\r\nsimulated:" + served.instance.encode() + b"\r\n"
            return b"$%d\r\n%s\r\n" % (len(text), text)
    return b"-ERR unknown command '%s' (simulated)\r\n" % command.lower()


Speak = Callable[[Served, bytes, Reader, Writer], Awaitable[None]]

_SPEAKERS: dict[str, Speak] = {"redis": _redis, "valkey": _redis}
"""Who speaks another protocol than HTTP or an echo, by a word in the image's name."""
