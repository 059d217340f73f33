"""Events: counted when they come again, and gone when they are old."""

from __future__ import annotations

import asyncio

from core.simulator.kubernetes.controllers.expiry import HOUR, Expiry
from core.simulator.kubernetes.objects import Objects
from core.simulator.kubernetes.recorder import Recorder
from core.simulator.kubernetes.shape import Object
from tests.simulator.kubernetes.made import NOW


class Clock:
    """A time that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def about(name: str = "web") -> Object:
    return {"apiVersion": "v1", "kind": "Pod", "namespace": "default", "name": name, "uid": f"uid-{name}"}


def test_the_same_said_again_is_counted() -> None:
    objects, clock = Objects(), Clock()
    recorder = Recorder(objects, clock, "kubelet", "kube-1")
    for _ in range(3):
        recorder.record(about(), "BackOff", "Back-off restarting", "Warning")
        clock.now += 10
    recorder.record(about(), "Pulled", "Image is there")
    first, second = objects.list("events")
    assert (first["reason"], first["count"], second["count"]) == ("BackOff", 3, 1)
    assert first["firstTimestamp"] < first["lastTimestamp"]
    assert first["source"] == {"component": "kubelet", "host": "kube-1"}


def test_events_about_an_object_are_listed_as_they_came() -> None:
    objects, clock = Objects(), Clock()
    recorder = Recorder(objects, clock, "kubelet")
    reasons = ["Scheduled", "Pulling", "Pulled", "Created", "Started"]
    for reason in reasons:
        recorder.record(about(), reason, reason)
    assert [event["reason"] for event in objects.list("events")] == reasons


async def test_old_events_go_and_the_latest_ones_stay() -> None:
    objects, clock = Objects(), Clock()
    recorder, expiry = Recorder(objects, clock, "kubelet"), Expiry(objects, clock, kept=3)
    await expiry.start()
    await asyncio.sleep(0)
    for number in range(5):
        recorder.record(about(f"pod-{number}"), "Started", "Started container")
    await until(objects, {"pod-2", "pod-3", "pod-4"})
    clock.now += HOUR + 1
    recorder.record(about("late"), "Started", "Started container")
    await until(objects, {"late"})
    await expiry.stop()


async def until(objects: Objects, names: set[str]) -> None:
    async with asyncio.timeout(5):
        while {event["involvedObject"]["name"] for event in objects.list("events")} != names:
            await asyncio.sleep(0)
