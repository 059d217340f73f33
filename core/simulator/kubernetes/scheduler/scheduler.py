"""The scheduler's loop: pods without a node, one after another, each to the best node there is now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from core.simulator.kubernetes.objects import ApiError, Objects
from core.simulator.kubernetes.pods import PodRow, pod_row
from core.simulator.kubernetes.recorder import Recorder
from core.simulator.kubernetes.scheduler.choice import choose
from core.simulator.kubernetes.scheduler.fit import Candidate
from core.simulator.kubernetes.scheduler.nodes import Room, node_row
from core.simulator.kubernetes.shape import Key, Object, amended, with_condition

NAME = "default-scheduler"

_CLAIMS = "persistentvolumeclaims"
_WATCHED = ("pods", "nodes", _CLAIMS)
_PAUSE = 0.005
_RETRY = 0.2
_SLICE = 20


@dataclass(slots=True)
class Scheduler:
    """Binds pods of one cluster between `start` and `stop`; while `usable` says no, it waits."""

    objects: Objects
    clock: Callable[[], float]
    usable: Callable[[], bool] = lambda: True
    _rooms: dict[str, Room] = field(default_factory=dict)
    _bound: dict[Key, str] = field(default_factory=dict)
    _waiting: dict[Key, PodRow] = field(default_factory=dict)
    _parked: dict[Key, PodRow] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _recorder: Recorder = field(init=False)

    async def start(self) -> None:
        """Begin; returns at once."""
        self._recorder = Recorder(self.objects, self.clock, NAME)
        self._tasks = [asyncio.create_task(work) for work in (self._listen(), self._work())]

    async def stop(self) -> None:
        """End; pods that have no node stay without one."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            subscription = self.objects.subscribe(*_WATCHED)
            try:
                self._survey()
                while True:
                    for event in await subscription.batch():
                        self._notice(event.resource, (event.namespace, event.name))
            except ApiError as error:
                if error.status != 410:
                    raise
            finally:
                subscription.close()

    def _survey(self) -> None:
        known = {*self._bound, *self._waiting, *self._parked}
        for resource, keys in (("nodes", [("", name) for name in self._rooms]), ("pods", known)):
            for key in {*(key for key, _ in self.objects.items(resource)), *keys}:
                self._notice(resource, key)

    def _notice(self, resource: str, key: Key) -> None:
        if resource == "nodes":
            self._notice_node(key[1])
        elif resource == "pods":
            self._notice_pod(key)
        else:
            self._reconsider()

    def _notice_node(self, name: str) -> None:
        raw, room = self.objects.raw("nodes", "", name), self._rooms.setdefault(name, Room())
        before, room.node = room.node, node_row(raw) if raw is not None else None
        if room.node != before:
            self._reconsider()

    def _notice_pod(self, key: Key) -> None:
        raw = self.objects.raw("pods", *key)
        row = pod_row(raw) if raw is not None else None
        if row is None or row.finished or row.node:
            self._waiting.pop(key, None)
            self._parked.pop(key, None)
            self._settle(key, row if row is not None and row.node and not row.finished else None)
        elif not row.leaving and row.spec.scheduler_name in ("", NAME) and not self._known(key, row):
            self._parked.pop(key, None)
            self._waiting[key] = row
            self._wake.set()

    def _known(self, key: Key, row: PodRow) -> bool:
        """Whether a pod that found no node is still the same: that it was told so is no news."""
        parked = self._parked.get(key)
        return parked is not None and (parked.spec, parked.metadata) == (row.spec, row.metadata)

    def _settle(self, key: Key, row: PodRow | None) -> None:
        """A pod is bound to a node, or takes nothing of its node any more."""
        before = self._bound.pop(key, None)
        if before is not None:
            self._rooms[before].take(key)
        if row is not None:
            self._rooms.setdefault(row.node, Room()).put(row)
            self._bound[key] = row.node
        elif before is not None:
            self._reconsider()

    def _reconsider(self) -> None:
        """Something became free, or a node changed: those that found no place may find one."""
        self._waiting |= self._parked
        self._parked.clear()
        if self._waiting:
            self._wake.set()

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_PAUSE)
            if not self.usable():
                await asyncio.sleep(_RETRY)
                continue
            self._wake.clear()
            for number, key in enumerate(self._queue()):
                self._schedule(key)
                if number % _SLICE == _SLICE - 1:
                    await asyncio.sleep(0)

    def _queue(self) -> list[Key]:
        """The waiting pods, important ones first, then as they came."""
        rows = self._waiting.items()
        ordered = sorted(rows, key=lambda each: (-each[1].spec.priority, each[1].metadata.creation_timestamp, each[0]))
        return [key for key, _ in ordered]

    def _schedule(self, key: Key) -> None:
        pod, row = self.objects.get("pods", *key), self._waiting.pop(key, None)
        if pod is None or row is None or pod["spec"].get("nodeName"):
            return
        node, reason = self._place(Candidate(row, pod["spec"]), key[0])
        try:
            if node:
                self._bind(pod, row, node)
            else:
                self._parked[key] = row
                self._refuse(pod, row, reason)
        except ApiError as error:
            if error.status not in (404, 409):
                raise

    def _place(self, pod: Candidate, namespace: str) -> tuple[str, str]:
        rooms = {name: room for name, room in sorted(self._rooms.items()) if room.node is not None}
        if trouble := next(self._claim_troubles(pod.spec, namespace), ""):
            text = f"{trouble}. preemption: 0/{len(rooms)} nodes are available: {len(rooms)} Preemption is not helpful"
            return "", f"0/{len(rooms)} nodes are available: {text} for scheduling."
        return choose(pod, rooms)

    def _claim_troubles(self, spec: Object, namespace: str) -> Iterator[str]:
        for volume in spec.get("volumes") or ():
            if claim := volume.get("persistentVolumeClaim"):
                found = self.objects.get(_CLAIMS, namespace, claim["claimName"])
                if found is None:
                    yield f'persistentvolumeclaim "{claim["claimName"]}" not found'
                elif found.get("status", {}).get("phase") != "Bound":
                    yield "pod has unbound immediate PersistentVolumeClaims"

    def _bind(self, pod: Object, row: PodRow, node: str) -> None:
        bound = self.objects.update("pods", amended(pod, {"spec": {"nodeName": node}}))
        self._say(bound, {"type": "PodScheduled", "status": "True"})
        self._notice_pod(row.key)
        namespace, name = row.key
        self._recorder.record(row.reference(), "Scheduled", f"Successfully assigned {namespace}/{name} to {node}")

    def _refuse(self, pod: Object, row: PodRow, reason: str) -> None:
        self._say(pod, {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": reason})
        self._recorder.record(row.reference(), "FailedScheduling", reason, "Warning")

    def _say(self, pod: Object, condition: Object) -> None:
        status = pod.get("status", {})
        conditions = with_condition(status.get("conditions") or (), condition, self.clock())
        metadata = pod["metadata"]
        self.objects.update_status("pods", metadata["namespace"], metadata["name"], status | {"conditions": conditions})
