"""Keeps a collection of the API current, over TLS with the certificate that is on the machine."""

from __future__ import annotations

import asyncio
import json
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import ClientSession

Item = dict[str, Any]

_LONGEST_LINE = 16 * 1024 * 1024
_SECONDS = 300
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


def client_context(authority: bytes, certificate: bytes, key: bytes) -> ssl.SSLContext:
    """A client's TLS settings from PEM texts.

    Raises:
        ssl.SSLError: they do not belong together, or are none.
    """
    context = ssl.create_default_context(cadata=authority.decode())
    with tempfile.TemporaryDirectory() as folder:
        # Certificates can be loaded from files only.
        pair = Path(folder) / "pair.pem"
        pair.touch(0o600)
        pair.write_bytes(certificate + b"\n" + key)
        context.load_cert_chain(pair)
    return context


class Watched:
    """The projected objects of one collection; `changed` is called after each change of them or of the connection.

    `error` is a sentence where the API is away, empty while it is watched; `synced` says that it was listed once.
    """

    def __init__(self, path: str, project: Callable[[Item], Any], changed: Callable[[], None]) -> None:
        self.path = path
        self.objects: dict[tuple[str, str], Any] = {}
        self.synced = False
        self.error = "not connected yet"
        self._project = project
        self._changed = changed
        self._version = ""

    async def follow(self, session: ClientSession) -> None:
        """List and watch for ever; what the API does not answer is asked again."""
        from aiohttp import ClientError

        pause = _FIRST_PAUSE
        while True:
            try:
                await self._list(session)
                while True:
                    await self._watch(session)
                    pause = _FIRST_PAUSE
            except (ClientError, OSError, ValueError, KeyError, TimeoutError) as error:
                self._note(str(error) or type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)

    async def _list(self, session: ClientSession) -> None:
        async with session.get(self.path) as answer:
            found = json.loads(await answer.read())
            if answer.status != 200:
                raise ValueError(f"{self.path}: {answer.status} {found.get('message', answer.reason)}")
        self.objects = {_key(item): self._project(item) for item in found["items"] or ()}
        self._version = found["metadata"]["resourceVersion"]
        self.synced = True
        self._changed()

    async def _watch(self, session: ClientSession) -> None:
        query = {"watch": "1", "allowWatchBookmarks": "true", "resourceVersion": self._version}
        async with session.get(self.path, params=query | {"timeoutSeconds": str(_SECONDS)}) as answer:
            if answer.status != 200:
                raise ValueError(f"{self.path}: {answer.status} {answer.reason}")
            self._note("")
            async for line in answer.content:
                self._take(json.loads(line))

    def _take(self, event: Item) -> None:
        kind, item = event["type"], event["object"]
        if kind == "ERROR":
            raise ValueError(f"{self.path}: {item.get('code')} {item.get('message', '')}")
        self._version = item["metadata"]["resourceVersion"]
        if kind == "BOOKMARK":
            return
        before = self.objects.pop(_key(item), None)
        after = None if kind == "DELETED" else self._project(item)
        if after is not None:
            self.objects[_key(item)] = after
        if before != after:
            self._changed()

    def _note(self, error: str) -> None:
        if error != self.error:
            self.error = error
            self._changed()


def _key(item: Item) -> tuple[str, str]:
    return item["metadata"]["namespace"], item["metadata"]["name"]
