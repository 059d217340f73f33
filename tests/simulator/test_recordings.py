"""A simulated machine answers as the real one did whose answers were recorded."""

from __future__ import annotations

import json

from core.machines.connection import Connection
from core.simulator.world import World
from tests.simulator import app  # noqa: F401 - registers the program that the scenes start
from tests.simulator.recordings.record import RECORDED, played
from tests.simulator.recordings.scenes import exchanges


async def test_everything_that_was_asked_is_answered_as_recorded(link: Connection, world: World) -> None:
    world.pace = 0.1
    recorded = json.loads(RECORDED.read_text())
    assert [(each["scene"], each["exchange"]) for each in recorded] == [
        (scene, exchange.name) for scene, exchange in exchanges()
    ]
    for real, simulated in zip(recorded, await played(link, world.pace), strict=True):
        assert simulated == real
