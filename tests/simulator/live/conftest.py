"""A running, served cluster and the console's way to ask of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.simulator.live.world import World, world


@pytest.fixture
async def alpha(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found
