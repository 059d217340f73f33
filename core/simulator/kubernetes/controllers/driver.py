"""The one driver: hears of changes, knows whom they concern, and applies what reconciling asks for."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.simulator.kubernetes.controllers.changes import Again, Change, Create, Delete, Emit, SetStatus, Update
from core.simulator.kubernetes.controllers.rows import Seen
from core.simulator.kubernetes.controllers.view import Place, View
from core.simulator.kubernetes.objects import ApiError, Objects
from core.simulator.kubernetes.recorder import Recorder
from core.simulator.kubernetes.shape import Key, key_of

Relation = Callable[[View, Seen], Iterable[Place]]
"""Whom a change of an object concerns."""

PAUSE = 0.005
"""Seconds in which changes gather before they are looked at."""

RETRY = 0.2
ANY = "*"
"""Stands for every resource in `Controller.concerns`."""

_SLICE = 20
_UNWATCHED = ("events", "leases.coordination.k8s.io")


@dataclass(frozen=True, slots=True, eq=False)
class Controller:
    """A pure `reconcile` with what it looks after: `concerns` leads from a resource to what is to be reconciled.

    `component` speaks in its events.
    """

    component: str
    reconcile: Callable[[View, Place], Iterable[Change]]
    concerns: Mapping[str, Relation]


Work = tuple[Controller, Place]


@dataclass(slots=True)
class Driver:
    """Runs controllers over one cluster's objects between `start` and `stop`.

    While `usable` says no, as when the API is away, nothing is done; what was missed is looked at afterwards.
    `failed` hears of what could not be applied.
    """

    objects: Objects
    controllers: Sequence[Controller]
    clock: Callable[[], float]
    usable: Callable[[], bool] = lambda: True
    failed: Callable[[str], None] = lambda text: None
    view: View = field(init=False)
    _dirty: dict[Work, None] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _timers: dict[Work, asyncio.TimerHandle] = field(default_factory=dict)
    _recorders: dict[str, Recorder] = field(default_factory=dict)

    async def start(self) -> None:
        """Begin; returns at once, the first look at everything is under way."""
        self.view = View(self.objects, self.clock)
        self._tasks = [asyncio.create_task(work) for work in (self._listen(), self._work())]

    async def stop(self) -> None:
        """End; what was not reconciled yet stays as it is."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._dirty.clear()

    async def _listen(self) -> None:
        while True:
            subscription = self.objects.subscribe()
            try:
                self._survey()
                while True:
                    events = await subscription.batch()
                    heard = {(event.resource, (event.namespace, event.name)): event.type for event in events}
                    for place, type in heard.items():
                        if type != "MODIFIED" or place[0] not in _UNWATCHED:
                            self._notice(*place)
            except ApiError as error:
                if error.status != 410:
                    raise
            finally:
                subscription.close()

    def _survey(self) -> None:
        """Look at everything there is, and at what was known and may be gone."""
        for kind in self.objects.kinds:
            there = [] if kind.resource in _UNWATCHED else [key for key, _ in self.objects.items(kind.resource)]
            for key in dict.fromkeys([*there, *self.view.keys(kind.resource)]):
                self._notice(kind.resource, key)

    def _notice(self, resource: str, key: Key) -> None:
        seen = self.view.notice(resource, key)
        if resource == "pods" and seen.before == seen.after:
            return
        for controller in self.controllers:
            for name in (resource, ANY):
                if relation := controller.concerns.get(name):
                    for place in relation(self.view, seen):
                        self._mark((controller, place))

    def _mark(self, work: Work) -> None:
        self._dirty[work] = None
        self._wake.set()

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(PAUSE)
            if not self.usable():
                await asyncio.sleep(RETRY)
                continue
            self._wake.clear()
            await self._pass()

    async def _pass(self) -> None:
        work, self._dirty = self._dirty, {}
        for number, (controller, place) in enumerate(work):
            self._reconcile(controller, place)
            if number % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)

    def _reconcile(self, controller: Controller, place: Place) -> None:
        """One pass over one object; what fails is told and tried again, as in the real ones."""
        try:
            for change in list(controller.reconcile(self.view, place)):
                self._apply(controller, place, change)
        except ApiError as error:
            if error.status not in (404, 409):
                self.failed(f"{controller.component}: {place[0]} {'/'.join(place[1])}: {error.message}")
            self._later((controller, place), RETRY)
        except Exception:
            self.failed(f"{controller.component}: {place[0]} {'/'.join(place[1])}: {traceback.format_exc()}")
            self._later((controller, place), RETRY * 25)

    def _apply(self, controller: Controller, place: Place, change: Change) -> None:
        match change:
            case Create(resource, thing):
                self._notice(resource, key_of(self.objects.create(resource, thing)))
            case Update(resource, thing):
                self._notice(resource, key_of(self.objects.update(resource, thing)))
            case SetStatus(resource, key, status):
                self.objects.update_status(resource, *key, status)
                self._notice(resource, key)
            case Delete():
                self._delete(change)
            case Emit(about, reason, message, type):
                self._voice(controller.component).record(about, reason, message, type)
            case Again(seconds):
                self._later((controller, place), seconds)

    def _delete(self, change: Delete) -> None:
        row = self.view.row(change.resource, change.key)
        if row is None or change.uid not in ("", row.metadata.uid):
            return
        if change.now:
            self.objects.remove(change.resource, *change.key)
        else:
            self.objects.delete(change.resource, *change.key)
        self._notice(change.resource, change.key)

    def _voice(self, component: str) -> Recorder:
        if component not in self._recorders:
            self._recorders[component] = Recorder(self.objects, self.clock, component)
        return self._recorders[component]

    def _later(self, work: Work, seconds: float) -> None:
        """Reconcile again in so many seconds, or earlier if that is due already."""
        loop = asyncio.get_running_loop()
        if known := self._timers.get(work):
            if known.when() <= loop.time() + seconds:
                return
            known.cancel()
        self._timers[work] = loop.call_later(seconds, self._due, work)

    def _due(self, work: Work) -> None:
        del self._timers[work]
        self._mark(work)
