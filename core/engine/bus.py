"""Events from one run to any number of listeners, none of which can hold it up."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable

from core.engine.events import Event, EventsMissed

BACKLOG = 20_000
"""Events that are kept for listeners that come late."""

Listener = Callable[[Event], None]

_log = logging.getLogger(__name__)


class Subscription:
    """The events for one listener, as an async iterator that ends when the bus is closed and all are read.

    It holds at most `size` events that wait; the oldest are dropped beyond that, and `EventsMissed` says how many.
    """

    def __init__(self, size: int, bus: Bus, backlog: tuple[Event, ...] = ()) -> None:
        self._waiting: deque[Event] = deque(backlog)
        self._size = max(size, len(backlog))
        self._missed = 0
        self._closed = False
        self._arrived = asyncio.Event()
        self._bus = bus

    def put(self, event: Event) -> None:
        """Add an event; never waits."""
        if len(self._waiting) >= self._size:
            self._waiting.popleft()
            self._missed += 1
        self._waiting.append(event)
        self._arrived.set()

    def end(self) -> None:
        """Let the iteration end after what waits."""
        self._closed = True
        self._arrived.set()

    def close(self) -> None:
        """Stop listening."""
        self._bus.forget(self)
        self.end()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Event:
        while not self._waiting and not self._missed:
            if self._closed:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        if self._missed:
            missed, self._missed = self._missed, 0
            return EventsMissed(time=time.time(), count=missed)
        return self._waiting.popleft()


class _Caller:
    """Calls one listener in a thread of its own, so that a listener that blocks (a full pipe) blocks nobody else."""

    def __init__(self, listener: Listener, size: int) -> None:
        self._listener = listener
        self._queue: queue.Queue[Event | None] = queue.Queue(size)
        self._missed = 0
        self._thread = threading.Thread(target=self._work, name="gondolier-listener", daemon=True)
        self._thread.start()

    def put(self, event: Event | None) -> None:
        while True:
            try:
                return self._queue.put_nowait(event)
            except queue.Full:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        try:
            self._queue.get_nowait()
            self._missed += 1
        except queue.Empty:
            return  # the listener's thread was faster: there is room now

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _work(self) -> None:
        while (event := self._queue.get()) is not None:
            if self._missed:
                missed, self._missed = self._missed, 0
                self._call(EventsMissed(time=time.time(), count=missed))
            self._call(event)

    def _call(self, event: Event) -> None:
        try:
            self._listener(event)
        except Exception:
            _log.exception("a listener failed on %s", type(event).__name__)


class Bus:
    """Passes each event to all listeners in order; to be used from one event loop.

    `publish` neither waits nor raises, whatever the listeners do.
    """

    def __init__(self, backlog: int = BACKLOG) -> None:
        self._backlog: deque[Event] = deque(maxlen=backlog)
        self._dropped = 0
        self._subscriptions: list[Subscription] = []
        self._callers: list[_Caller] = []
        self._closed = False

    def publish(self, event: Event) -> None:
        """Pass on an event; after `close` nobody hears it."""
        if self._closed:
            return
        self._dropped += len(self._backlog) == self._backlog.maxlen
        self._backlog.append(event)
        for subscription in self._subscriptions:
            subscription.put(event)
        for caller in self._callers:
            caller.put(event)

    def listen(self, listener: Listener, size: int = 10_000) -> None:
        """Call a function with every event from now on, in a thread of its own; what it raises is logged."""
        self._callers.append(_Caller(listener, size))

    def subscribe(self, size: int = 10_000, replay: bool = False) -> Subscription:
        """The events from now on, with `replay` those so far first."""
        subscription = Subscription(size, self, self._so_far() if replay else ())
        if self._closed:
            subscription.end()
        else:
            self._subscriptions.append(subscription)
        return subscription

    def _so_far(self) -> tuple[Event, ...]:
        if not self._dropped:
            return tuple(self._backlog)
        return (EventsMissed(time=time.time(), count=self._dropped), *self._backlog)

    def forget(self, subscription: Subscription) -> None:
        """Pass nothing more to this listener."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    async def close(self, patience: float = 2.0) -> None:
        """End all listeners; those called in threads get `patience` seconds to work off what waits."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.end()
        for caller in self._callers:
            caller.put(None)
        ends = time.monotonic() + patience
        for caller in self._callers:
            await asyncio.to_thread(caller.join, max(0.0, ends - time.monotonic()))
