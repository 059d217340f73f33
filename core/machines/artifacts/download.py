"""Getting bytes from a mirror or a publisher: resumed where they were cut, never trusted before they are checked."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from core.engine.errors import Transient, Trouble

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

_ATTEMPTS = 4
"""Attempts at one source; each goes on where the last one was cut."""

_PAUSE = 0.2
_CHUNK = 1 << 18


class Missing(Trouble):
    """The source does not have the file."""


class Downloads:
    """Fetches URLs of the schemes file, http and https; one HTTP session for all of them."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def text(self, url: str) -> str:
        """A small text.

        Raises:
            Missing: the source does not have it.
            Transient: the source does not answer.
        """
        if local := local_path(url):
            return await asyncio.to_thread(_read, local, url)
        return await self._text(url)

    async def file(self, url: str, part: Path) -> bool:
        """Complete `part`, which may hold the beginning of the file from an earlier attempt.

        Returns whether such a beginning was built upon: it may have been another file's.

        Raises:
            Missing: the source does not have it.
            Transient: the source does not answer, or was cut several times.
        """
        if local := local_path(url):
            await asyncio.to_thread(_copy, local, url, part)
            return False
        return await self._complete(url, part)

    async def close(self) -> None:
        """Close the HTTP session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _text(self, url: str) -> str:
        from aiohttp import ClientError

        try:
            async with self._http().get(url) as response:
                _check_status(response, url)
                return (await response.read()).decode(errors="replace")
        except (ClientError, OSError) as error:
            raise Transient(f"{url}: {_said(error)}") from error

    async def _complete(self, url: str, part: Path) -> bool:
        resumed, last = False, ""
        for attempt in range(_ATTEMPTS):
            await asyncio.sleep(_PAUSE * attempt)
            before = _size(part)
            last = await self._attempt(url, part)
            if not last:
                return resumed or before > 0
            resumed = resumed or before > 0
        raise Transient(f"{url}: {last}")

    async def _attempt(self, url: str, part: Path) -> str:
        """One request; gives why it was cut, empty when the file is complete."""
        from aiohttp import ClientError

        start = _size(part)
        headers = {"Range": f"bytes={start}-"} if start else {}
        try:
            async with self._http().get(url, headers=headers) as response:
                if response.status == 416:
                    return _restarted(response, part, start)
                _check_status(response, url)
                continues = response.status == 206 and _starts_at(response, start)
                await _write(response, part, append=continues)
        except (ClientError, OSError) as error:
            return _said(error)
        return ""

    def _http(self) -> ClientSession:
        from aiohttp import ClientSession, ClientTimeout

        if self._session is None:
            # No limit on the whole, for a slow line is no error; silence is.
            timeout = ClientTimeout(total=None, sock_connect=10, sock_read=30)
            headers = {"Accept-Encoding": "identity"}
            self._session = ClientSession(timeout=timeout, headers=headers, trust_env=True, auto_decompress=False)
        return self._session


def local_path(url: str) -> Path | None:
    """The file that a file:// URL names."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _read(path: Path, url: str) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        raise Missing(f"{url}: {error.strerror}") from error


def _copy(source: Path, url: str, part: Path) -> None:
    if not source.is_file():
        raise Missing(f"{url}: no such file")
    shutil.copyfile(source, part)


def _check_status(response: ClientResponse, url: str) -> None:
    if response.status in (404, 403, 410):
        raise Missing(f"{url}: {response.status} {response.reason}")
    if response.status not in (200, 206):
        raise Transient(f"{url}: {response.status} {response.reason}")


def _restarted(response: ClientResponse, part: Path, start: int) -> str:
    """A server that has nothing after our beginning: it is complete, or it is of another file."""
    if response.headers.get("Content-Range", "").endswith(f"/{start}"):
        return ""
    part.unlink(missing_ok=True)
    return "the server has another file than the beginning that we had"


def _starts_at(response: ClientResponse, start: int) -> bool:
    return response.headers.get("Content-Range", "").startswith(f"bytes {start}-")


async def _write(response: ClientResponse, part: Path, *, append: bool) -> None:
    with _opened(part, append) as stream:
        async for chunk in response.content.iter_chunked(_CHUNK):
            _append(stream, chunk, part)


def _opened(part: Path, append: bool) -> BinaryIO:
    return part.open("ab" if append else "wb")


def _append(stream: BinaryIO, chunk: bytes, part: Path) -> None:
    try:
        stream.write(chunk)
    except OSError as error:
        raise Trouble(f"{part} cannot be written: {error.strerror}", where="this machine", fix="make room") from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
