"""Events: the bus, its listeners, and the messages' JSON."""

from __future__ import annotations

import logging
import threading
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.bus import Bus
from core.engine.errors import Trouble
from core.engine.events import Event, EventsMissed, StepInfo, StepStarted, decode, encode

KINDS = get_args(Event)
FINITE = st.floats(0, 1e12)
INFO = st.builds(StepInfo, requires=st.lists(st.text()).map(tuple), estimate=st.none() | FINITE)
FIELDS: dict[object, st.SearchStrategy[object]] = {
    float: FINITE,
    int: st.integers(0, 2**53),
    tuple[StepInfo, ...]: st.lists(INFO).map(tuple),
    dict[str, int]: st.dictionaries(st.text(), st.integers(0, 9)),
}


def any_of(kind: type[Event]) -> st.SearchStrategy[Event]:
    fields = msgspec.structs.fields(kind)
    return st.builds(kind, **{field.name: FIELDS[field.type] for field in fields if field.type in FIELDS})


def started(number: int) -> StepStarted:
    return StepStarted(time=float(number), step=str(number))


async def heard(bus: Bus, *, size: int = 100, replay: bool = False, count: int = 5) -> list[Event]:
    subscription = bus.subscribe(size, replay)
    for number in range(count):
        bus.publish(started(number))
    await bus.close()
    return [event async for event in subscription]


@given(event=st.one_of(*map(any_of, KINDS)))
def test_every_event_survives_json(event: Event) -> None:
    line = encode(event)
    assert b"\n" not in line
    assert decode(line) == event
    assert msgspec.json.decode(line)["event"] == type(event).__name__


@pytest.mark.parametrize("line", [b"", b"{}", b'{"event": "Unknown", "time": 1}', b'{"event": "StepStarted"}', b"\xff"])
def test_a_line_that_is_no_event_is_trouble(line: bytes) -> None:
    with pytest.raises(Trouble, match="not an event"):
        decode(line)


async def test_a_subscription_gets_all_events_in_order_and_ends_with_the_bus() -> None:
    assert await heard(Bus()) == [started(number) for number in range(5)]


async def test_a_late_subscription_gets_the_events_so_far_first() -> None:
    bus = Bus()
    bus.publish(started(7))
    assert [event.time for event in await heard(bus, replay=True, count=2)] == [7.0, 0.0, 1.0]
    assert [event.time async for event in bus.subscribe(replay=True)] == [7.0, 0.0, 1.0]


async def test_a_slow_subscription_loses_the_oldest_and_is_told_how_many() -> None:
    first, *rest = await heard(Bus(), size=2)
    assert isinstance(first, EventsMissed)
    assert (first.count, rest) == (3, [started(3), started(4)])


async def test_a_backlog_that_was_cut_says_so() -> None:
    bus = Bus(backlog=2)
    for number in range(5):
        bus.publish(started(number))
    first, *rest = await heard(bus, replay=True, count=0)
    assert isinstance(first, EventsMissed)
    assert (first.count, rest) == (3, [started(3), started(4)])


async def test_a_subscription_that_was_closed_hears_nothing_more() -> None:
    bus = Bus()
    subscription = bus.subscribe()
    subscription.close()
    bus.publish(started(1))
    assert [event async for event in subscription] == []


async def test_a_called_listener_gets_all_events_in_order() -> None:
    bus, got = Bus(), list[Event]()
    bus.listen(got.append)
    assert await heard(bus) == got


async def test_a_listener_that_fails_harms_neither_the_others_nor_its_next_event(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus, got = Bus(), list[Event]()

    def fail_once(event: Event) -> None:
        got.append(event)
        if len(got) == 1:
            raise RuntimeError("listener's own mistake")

    bus.listen(fail_once)
    with caplog.at_level(logging.ERROR):
        assert len(await heard(bus)) == 5
    assert len(got) == 5
    assert "a listener failed on StepStarted" in caplog.text


async def test_a_listener_that_blocks_blocks_nobody_and_is_told_what_it_missed() -> None:
    bus, got, entered, gate = Bus(), list[Event](), threading.Event(), threading.Event()

    def block(event: Event) -> None:
        entered.set()
        gate.wait()
        got.append(event)

    bus.listen(block, size=2)
    bus.publish(started(100))
    entered.wait()
    for number in range(10):
        bus.publish(started(number))
    gate.set()
    await bus.close()
    assert got[0] == started(100)
    missed = [event.count for event in got if isinstance(event, EventsMissed)]
    assert len(got) - 1 - len(missed) + sum(missed) == 10
    assert got[-1] == started(9)
