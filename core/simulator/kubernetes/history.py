"""What happened to objects, in order: events, and those who listen to them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from core.simulator.kubernetes.errors import gone

EventType = Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]

_KEPT_EVENTS = 10_000
# A listener that is further behind is told that its version is too old, as etcd does.
_LONGEST_QUEUE = 20_000


class Head(msgspec.Struct, frozen=True, rename="camel"):
    """What selectors look at without decoding all of an object."""

    labels: dict[str, str] | None = None


class _Headed(msgspec.Struct, frozen=True):
    metadata: Head


class Event:
    """One change of one object. `raw` is the object afterwards as JSON (of a deleted one: as it was last).

    `before` is the object before the change, None for a new one. Both are shared by all who listen: what is derived
    from them is made once.
    """

    __slots__ = ("_line", "before", "name", "namespace", "raw", "resource", "type", "version")

    def __init__(
        self,
        type: EventType,
        resource: str,
        key: tuple[str, str],
        raw: bytes,
        version: int,
        *,
        before: bytes | None = None,
    ) -> None:
        self.type = type
        self.resource = resource
        self.namespace, self.name = key
        self.raw = raw
        self.version = version
        self.before = before
        self._line = b""

    @property
    def object(self) -> dict[str, Any]:
        """The object, decoded anew for each caller."""
        found: dict[str, Any] = msgspec.json.decode(self.raw)
        return found

    @property
    def line(self) -> bytes:
        """The event as a watch sends it."""
        if not self._line:
            self._line = b'{"type":"%s","object":%s}\n' % (self.type.encode(), self.raw)
        return self._line


def labels_of(raw: bytes) -> dict[str, str]:
    """An object's labels, read without the rest of it."""
    return msgspec.json.decode(raw, type=_Headed).metadata.labels or {}


class Subscription:
    """The events of some resources from a version on: an asynchronous iterator that ends when it is closed."""

    def __init__(self, history: History, resources: tuple[str, ...], past: Iterable[Event]) -> None:
        self.resources = resources
        self._history = history
        self._queue: deque[Event] = deque(past)
        self._news = asyncio.Event()
        self._closed = False
        self._fell_behind = False

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Event:
        while not self._queue and not self._closed:
            self._news.clear()
            await self._news.wait()
        if self._queue:
            return self._queue.popleft()
        raise self._end()

    async def batch(self) -> list[Event]:
        """All events that are there, at least one. Raises StopAsyncIteration once closed."""
        found = [await self.__anext__(), *self._queue]
        self._queue.clear()
        return found

    @property
    def waiting(self) -> int:
        """How many events are there that nobody has taken yet."""
        return len(self._queue)

    def drain(self) -> list[Event]:
        """All events that are there, none where there are none. Raises ApiError 410 where too many had piled up."""
        if self._fell_behind:
            raise self._end()
        found = list(self._queue)
        self._queue.clear()
        return found

    def close(self) -> None:
        """No further events come; whoever waits is woken."""
        self._history.leave(self)
        self._closed = True
        self._news.set()

    def put(self, event: Event) -> None:
        """Take an event; a listener that lets too many pile up is closed."""
        self._queue.append(event)
        self._news.set()
        if len(self._queue) > _LONGEST_QUEUE:
            self._queue.clear()
            self._fell_behind = True
            self.close()

    def _end(self) -> Exception:
        return gone(0, self._history.oldest) if self._fell_behind else StopAsyncIteration()


class History:
    """The latest events of all resources, and who listens; `oldest` is the first version from which one can go on."""

    def __init__(self) -> None:
        self.oldest = 0
        self._events: deque[Event] = deque()
        self._listeners: dict[str, list[Subscription]] = {}
        self._to_all: list[Subscription] = []

    def add(self, event: Event) -> None:
        """Keep an event and tell all who listen."""
        self._events.append(event)
        if len(self._events) > _KEPT_EVENTS:
            self.oldest = self._events.popleft().version
        for listener in self.listeners(event.resource):
            listener.put(event)

    def compact(self, version: int) -> None:
        """Forget all events up to this version."""
        self.oldest = max(self.oldest, version)
        while self._events and self._events[0].version <= version:
            self._events.popleft()

    def listen(self, resources: tuple[str, ...], since: int | None) -> Subscription:
        """Listen to some resources, all where none is named, from the version after `since` on, or from now on.

        Raises:
            ApiError: 410, the history does not reach back to `since`.
        """
        if since is not None and since < self.oldest:
            raise gone(since, self.oldest)
        found = Subscription(self, resources, self._past(resources, since))
        for resource in resources:
            self._listeners.setdefault(resource, []).append(found)
        if not resources:
            self._to_all.append(found)
        return found

    def listeners(self, resource: str) -> list[Subscription]:
        """Who listens to a resource, or to all."""
        return [*self._listeners.get(resource, ()), *self._to_all]

    def leave(self, listener: Subscription) -> None:
        """Stop telling a listener."""
        for group in (self._to_all, *(self._listeners.get(resource, []) for resource in listener.resources)):
            if listener in group:
                group.remove(listener)

    def _past(self, resources: tuple[str, ...], since: int | None) -> list[Event]:
        if since is None:
            return []
        found: list[Event] = []
        for event in reversed(self._events):
            if event.version <= since:
                break
            if not resources or event.resource in resources:
                found.append(event)
        return found[::-1]
