"""Lists and watches: what changes in a collection, for as long as someone listens."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from core.engine.errors import Trouble
from core.kube.access import Cluster, decode, selectors
from core.kube.problems import Busy, Gone, Status, problem
from core.kube.rows import Row

R = TypeVar("R", bound=Row)

# The server ends a watch by itself after this long; the client goes on at the same version without a word.
_WATCH_SECONDS = 300
# Bookmarks come about once a minute: a connection silent for longer may be dead without having said so.
_SILENCE_SECONDS = 100.0
# A connection that lived for as long is no sign of trouble when it ends.
_STEADY_SECONDS = 5.0
# A cut, and a version that turns out too old right after it, are nothing to tell.
_SILENT_TRIES = 2
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class Added(Generic[R]):
    """An object that was not known before."""

    row: R


@dataclass(frozen=True, slots=True)
class Modified(Generic[R]):
    """A known object with a new version."""

    row: R


@dataclass(frozen=True, slots=True)
class Deleted(Generic[R]):
    """An object that is gone, as it was last known."""

    row: R


@dataclass(frozen=True, slots=True)
class Synced:
    """Everything there is has been told: after the first list, and each time that a lost connection is back."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What was told so far may be out of date; the next attempt is in `retry` seconds."""

    reason: str
    retry: float


Delta = Added[R] | Modified[R] | Deleted[R] | Synced | Lost


class _Event(msgspec.Struct, frozen=True):
    type: str
    object: msgspec.Raw


class _Version(msgspec.Struct, frozen=True, rename="camel"):
    resource_version: str


class _Bookmark(msgspec.Struct, frozen=True):
    metadata: _Version


async def watch(
    cluster: Cluster, path: str, row: type[R], *, labels: str = "", fields: str = ""
) -> AsyncIterator[Delta[R]]:
    """Tell what is in a collection and what changes in it, without end.

    Trouble of any sort (network, a busy or absent server, missing rights) is told as `Lost` and tried again with a
    growing pause; it is never raised. After a gap, only differences to what was told before are told.
    """
    following = _Watch(cluster, path, row, labels, fields)
    clock = asyncio.get_running_loop().time
    failures = 0
    while True:
        began = clock()
        trouble = Trouble("the server ended the watch at once", where=cluster.name)
        try:
            async for delta in following.run():
                yield delta
        except Gone:
            following.version = ""
            following.connected = True
        except Trouble as error:
            trouble = error
        failures = 1 if clock() - began >= _STEADY_SECONDS else failures + 1
        if failures <= _SILENT_TRIES and following.connected:
            # Cut, at its time's end, or too old to go on: nothing is lost by going on or listing anew at once.
            continue
        pause = _pause(failures, trouble)
        following.lost = True
        yield Lost(str(trouble), pause)
        await asyncio.sleep(pause)


class _Watch(Generic[R]):
    """Where a watch stands: the rows told so far, and the version up to which they are known."""

    def __init__(self, cluster: Cluster, path: str, row: type[R], labels: str, fields: str) -> None:
        self._cluster = cluster
        self._path = path
        self._row = row
        self._labels = labels
        self._fields = fields
        self._known: dict[str, R] = {}
        self.version = ""
        self.lost = False
        self.connected = False

    async def run(self) -> AsyncIterator[Delta[R]]:
        """One connection's worth of deltas, after a list where no version is known."""
        self.connected = False
        if not self.version:
            async for delta in self._list():
                yield delta
            self.lost = False
            yield Synced()
        query = [
            *selectors(self._labels, self._fields),
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", self.version),
            ("timeoutSeconds", str(_WATCH_SECONDS)),
        ]
        async with self._cluster.stream(self._path, query, silence=_SILENCE_SECONDS) as response:
            self.connected = True
            if self.lost:
                self.lost = False
                yield Synced()
            async for event in _events(response.content.iter_any()):
                for delta in self._take(event):
                    yield delta

    async def _list(self) -> AsyncIterator[Delta[R]]:
        unseen = dict(self._known)
        version = ""
        async for rows, version in self._cluster.pages(self._path, self._row, self._labels, self._fields):  # noqa: B007
            for row in rows:
                before = unseen.pop(row.metadata.uid, None)
                for delta in self._told(row, before):
                    yield delta
        for row in unseen.values():
            self._known.pop(row.metadata.uid, None)
            yield Deleted(row)
        self.version = version

    def _told(self, row: R, before: R | None) -> list[Delta[R]]:
        self._known[row.metadata.uid] = row
        if before is None:
            return [Added(row)]
        return [Modified(row)] if before.metadata.resource_version != row.metadata.resource_version else []

    def _take(self, event: _Event) -> list[Delta[R]]:
        if event.type == "ERROR":
            status = decode(event.object, Status)
            raise problem(
                status.code, bytes(event.object), {}, method="watch", path=self._path, where=self._cluster.name
            )
        if event.type == "BOOKMARK":
            self.version = decode(event.object, _Bookmark).metadata.resource_version
            return []
        row = decode(event.object, self._row)
        self.version = row.metadata.resource_version
        if event.type == "DELETED":
            self._known.pop(row.metadata.uid, None)
            return [Deleted(row)]
        return self._told(row, self._known.get(row.metadata.uid))


async def _events(chunks: AsyncIterator[bytes]) -> AsyncIterator[_Event]:
    """The events in a stream of JSON lines; an unfinished last line is left out, its event comes again."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line:
                yield decode(line, _Event)


def _pause(failures: int, error: Trouble) -> float:
    """Seconds until the next attempt: what the server asks for, or twice as long each time, spread by a third."""
    if isinstance(error, Busy) and error.retry_after is not None:
        return error.retry_after
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(failures - 1, 10))
    return longest * random.uniform(0.67, 1.0)
