"""Lists and watches: what changes in a collection, for as long as someone listens."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from core.engine.errors import Trouble
from core.kube.access import Cluster, selectors
from core.kube.forms import Form, Typed, decode
from core.kube.problems import Busy, Gone, Status, problem
from core.kube.rows import Row, identity

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
_POLL_SECONDS = 15.0
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


def watch(
    cluster: Cluster, path: str, row: type[R], *, labels: str = "", fields: str = ""
) -> AsyncGenerator[Delta[R], None]:
    """Tell what is in a collection and what changes in it, without end, as rows of this type; see `watch_form`."""
    return watch_form(cluster, path, Typed(row), labels=labels, fields=fields)


async def watch_form(
    cluster: Cluster,
    path: str,
    form: Form[R],
    *,
    labels: str = "",
    fields: str = "",
    hurry: asyncio.Event | None = None,
) -> AsyncGenerator[Delta[R], None]:
    """Tell what is in a collection and what changes in it, without end; setting `hurry` ends a pause at once.

    Trouble of any sort (network, a busy or absent server, missing rights) is told as `Lost` and tried again with a
    growing pause; it is never raised. After a gap, only differences to what was told before are told.
    """
    following = _Watch(cluster, path, form, labels, fields)
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
        await _sleep(pause, hurry)


async def poll_form(
    cluster: Cluster,
    path: str,
    form: Form[R],
    *,
    labels: str = "",
    fields: str = "",
    hurry: asyncio.Event | None = None,
) -> AsyncGenerator[Delta[R], None]:
    """Tell the same as `watch_form` of a collection that the server does not let watch, by listing it now and then."""
    following = _Watch(cluster, path, form, labels, fields)
    while True:
        try:
            async for delta in following.relist():
                yield delta
            yield Synced()
        except Trouble as error:
            yield Lost(str(error), _POLL_SECONDS)
        await _sleep(_POLL_SECONDS, hurry)


class _Watch(Generic[R]):
    """Where a watch stands: the rows told so far, and the version up to which they are known."""

    def __init__(self, cluster: Cluster, path: str, form: Form[R], labels: str, fields: str) -> None:
        self._cluster = cluster
        self._path = path
        self._form = form
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
            async for delta in self.relist():
                yield delta
            self.lost = False
            yield Synced()
        query = [
            *selectors(self._labels, self._fields),
            *self._form.query,
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", self.version),
            ("timeoutSeconds", str(_WATCH_SECONDS)),
        ]
        accept = self._form.accept
        async with self._cluster.stream(self._path, query, silence=_SILENCE_SECONDS, accept=accept) as response:
            self.connected = True
            if self.lost:
                self.lost = False
                yield Synced()
            async for event in _events(response.content.iter_any()):
                for delta in self._take(event):
                    yield delta

    async def relist(self) -> AsyncIterator[Delta[R]]:
        """All there is, as differences to what was told before."""
        unseen = dict(self._known)
        version = ""
        async for rows, version in self._cluster.pages(self._path, self._form, self._labels, self._fields):  # noqa: B007
            for row in rows:
                before = unseen.pop(identity(row), None)
                for delta in self._told(row, before):
                    yield delta
        for row in unseen.values():
            self._known.pop(identity(row), None)
            yield Deleted(row)
        self.version = version

    def _told(self, row: R, before: R | None) -> list[Delta[R]]:
        self._known[identity(row)] = row
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
            self.version = self._form.bookmark(event.object)
            return []
        row = self._form.event(event.object)
        self.version = row.metadata.resource_version
        if event.type == "DELETED":
            self._known.pop(identity(row), None)
            return [Deleted(row)]
        return self._told(row, self._known.get(identity(row)))


async def _events(chunks: AsyncIterator[bytes]) -> AsyncIterator[_Event]:
    """The events in a stream of JSON lines; an unfinished last line is left out, its event comes again."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line:
                yield decode(line, _Event)


async def _sleep(seconds: float, hurry: asyncio.Event | None) -> None:
    if hurry is None:
        await asyncio.sleep(seconds)
        return
    hurry.clear()
    try:
        async with asyncio.timeout(seconds):
            await hurry.wait()
    except TimeoutError:
        return


def _pause(failures: int, error: Trouble) -> float:
    """Seconds until the next attempt: what the server asks for, or twice as long each time, spread by a third."""
    if isinstance(error, Busy) and error.retry_after is not None:
        return error.retry_after
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(failures - 1, 10))
    return longest * random.uniform(0.67, 1.0)
