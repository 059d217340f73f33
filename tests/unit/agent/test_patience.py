"""How long a watch waits before it asks again."""

from __future__ import annotations

import queue

import pytest

from core.cluster.agent.gondolier_gateway import ApiError, Service, Settings, Watch, service_of

SETTINGS = Settings("https://127.0.0.1:1", "", "", "", "gateway-1", pause=0.5, longest_pause=10)


@pytest.fixture
def watch() -> Watch[Service]:
    return Watch(SETTINGS, "/api/v1/services", service_of, queue.SimpleQueue())


def test_pauses_grow_with_every_failure_and_are_bounded(watch: Watch[Service]) -> None:
    pauses = [watch._lost(OSError("refused")) for _ in range(40)]
    assert 0.25 <= pauses[0] <= 0.5
    assert all(5 <= pause <= 10 for pause in pauses[-10:])
    assert len(set(pauses[-10:])) > 1, "pauses of many gateways must not fall together"


def test_the_time_that_the_api_asks_for_is_never_cut_short(watch: Watch[Service]) -> None:
    assert watch._lost(ApiError("429", 60)) == 60


def test_a_routine_end_of_a_watch_is_no_loss_of_the_api_unless_it_is_repeated(watch: Watch[Service]) -> None:
    watch.connected = True
    watch._lost(ApiError("expired", routine=True))
    assert watch.connected
    watch._lost(ApiError("expired", routine=True))
    assert not watch.connected
    assert watch.error == "expired"
