"""All kubelets of a cluster in one loop: one listener, one queue of times, no task for a node or a pod."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.simulator.kubernetes.history import Event, Subscription
from core.simulator.kubernetes.kubelet.addresses import PodNetwork
from core.simulator.kubernetes.kubelet.pace import Pace
from core.simulator.kubernetes.kubelet.runs import PodRun
from core.simulator.kubernetes.objects import ApiError, Objects
from core.simulator.kubernetes.pods import pod_row
from core.simulator.kubernetes.shape import Key

if TYPE_CHECKING:
    from core.simulator.kubernetes.kubelet.kubelet import Kubelet

_SLICE = 50
_RETRY = 0.2
_LEAVING = b'"deletionTimestamp"'
_BOUND = b'"nodeName"'


class Fleet:
    """The kubelets of one cluster that run now. The loop runs while there is at least one.

    While `usable` says no, as when the API is away, kubelets neither hear nor tell anything.
    """

    def __init__(
        self,
        objects: Objects,
        network: PodNetwork,
        *,
        clock: Callable[[], float] = time.time,
        pace: Pace | None = None,
        usable: Callable[[], bool] = lambda: True,
    ) -> None:
        self.objects = objects
        self.network = network
        self.clock = clock
        self.pace = pace or Pace()
        self.usable = usable
        self.kubelets: dict[str, Kubelet] = {}
        self._places: dict[Key, tuple[Kubelet, PodRun]] = {}
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._listener: asyncio.Task[None] | None = None
        self._changed: dict[str, asyncio.Event] = {}
        self._nodes: dict[Key, str] = {}
        self._bound: dict[str, set[Key]] = defaultdict(set)
        self._subscription: Subscription

    def join(self, kubelet: Kubelet) -> None:
        """A kubelet has started."""
        self.kubelets[kubelet.facts.name] = kubelet
        if self._listener is None:
            self._subscription = self.objects.subscribe("pods")
            self._survey()
            self._listener = asyncio.create_task(self._listen())

    async def leave(self, kubelet: Kubelet) -> None:
        """A kubelet has stopped; the last one ends the loop."""
        name = kubelet.facts.name
        if self.kubelets.get(name) is kubelet:
            del self.kubelets[name]
        self._places = {key: place for key, place in self._places.items() if place[0] is not kubelet}
        if not self.kubelets and self._listener is not None:
            listener, self._listener = self._listener, None
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
            self._rest()

    def _rest(self) -> None:
        self._subscription.close()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._queue.clear()

    def bound(self, node: str) -> list[Key]:
        """The pods that are bound to a node."""
        return sorted(self._bound.get(node, ()))

    def place(self, key: Key) -> tuple[Kubelet, PodRun] | None:
        """Where a pod runs, None where no kubelet has it."""
        return self._places.get(key)

    def put(self, kubelet: Kubelet, run: PodRun) -> None:
        """A kubelet has taken a pod up."""
        self._places[run.key] = (kubelet, run)

    def drop(self, run: PodRun) -> None:
        """A pod is gone; whoever waits for news of it is woken."""
        place = self._places.get(run.key)
        if place is not None and place[1] is run:
            del self._places[run.key]
        self.tell(run)

    def tell(self, run: PodRun) -> None:
        """Something changed about a pod."""
        if waited := self._changed.pop(run.uid, None):
            waited.set()

    def news(self, uid: str) -> asyncio.Event:
        """Is set with the next change of a pod."""
        return self._changed.setdefault(uid, asyncio.Event())

    def at(self, moment: float, call: Callable[[], None]) -> None:
        """Call this at a moment, in seconds since the epoch."""
        heapq.heappush(self._queue, (moment, next(self._numbers), call))
        if self._queue[0][2] is call:
            self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._queue:
            delay = max(0.0, self._queue[0][0] - self.clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        """Do what is due, a slice of it at a time."""
        self._timer = None
        now = self.clock()
        if not self.usable():
            self._timer = asyncio.get_running_loop().call_later(_RETRY, self._tick)
            return
        for _ in range(_SLICE):
            if not self._queue or self._queue[0][0] > now:
                break
            heapq.heappop(self._queue)[2]()
        self._arm()

    async def _listen(self) -> None:
        while True:
            try:
                for event in await self._subscription.batch():
                    self._hear(event)
            except ApiError as error:
                if error.status != 410:
                    raise
                self._subscription = self.objects.subscribe("pods")
                self._survey()

    def _survey(self) -> None:
        """Look at all pods: some may have come, gone, or been told to end."""
        self._nodes.clear()
        self._bound.clear()
        for key, raw in self.objects.items("pods"):
            self._note(key, raw)
        for kubelet in list(self.kubelets.values()):
            kubelet.survey()

    def _note(self, key: Key, raw: bytes) -> str:
        """The node that a pod is bound to, from now on known; empty for none."""
        node = self._nodes.get(key) or (pod_row(raw).node if _BOUND in raw else "")
        if node:
            self._nodes[key] = node
            self._bound[node].add(key)
        return node

    def _hear(self, event: Event) -> None:
        key = (event.namespace, event.name)
        if event.type == "DELETED":
            self._bound[self._nodes.pop(key, "")].discard(key)
        node = self._note(key, event.raw) if event.type != "DELETED" else ""
        place = self._places.get(key)
        if place is not None and (event.type == "DELETED" or place[1].uid.encode() not in event.raw):
            place[0].gone(place[1])
            place = None
        if place is None and node in self.kubelets:
            self.kubelets[node].take(key)
        elif place is not None and _LEAVING in event.raw:
            place[0].end(place[1])
