"""Events are kept for an hour, and the latest few thousand only."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from core.simulator.kubernetes.history import Event
from core.simulator.kubernetes.objects import ApiError, Objects
from core.simulator.kubernetes.shape import Key

KEPT = 10_000
HOUR = 3600.0


@dataclass(slots=True)
class Expiry:
    """Removes old events between `start` and `stop`; ages are counted from when it first saw them."""

    objects: Objects
    clock: Callable[[], float]
    kept: int = KEPT
    _seen: OrderedDict[Key, float] = field(default_factory=OrderedDict)
    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; returns at once."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; all events stay as they are."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            subscription = self.objects.subscribe("events")
            try:
                now = self.clock()
                self._seen = OrderedDict((key, self._seen.get(key, now)) for key, _ in self.objects.items("events"))
                while True:
                    for event in await subscription.batch():
                        self._note(event)
                    self._expire()
            except ApiError as error:
                if error.status != 410:
                    raise
            finally:
                subscription.close()

    def _note(self, event: Event) -> None:
        key = (event.namespace, event.name)
        self._seen.pop(key, None)
        if event.type != "DELETED":
            self._seen[key] = self.clock()

    def _expire(self) -> None:
        """The longest unheard go first; looking when events come is often enough."""
        limit = self.clock() - HOUR
        while self._seen and (len(self._seen) > self.kept or next(iter(self._seen.values())) < limit):
            key, _ = self._seen.popitem(last=False)
            self.objects.remove("events", *key)
