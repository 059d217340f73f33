"""A home directory with a simulator of its own, whose daemon ends with the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clouds.base import MachineWish
from core.clouds.simulated.provider import SimulatedCloud
from core.deployment.identity import host_key, login_key
from core.engine.step import Level
from core.simulator.client import Client


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """The way to the simulator of `tmp_path`."""
    client = Client(tmp_path)
    yield client
    await client.stop()


@pytest.fixture
def cloud(tmp_path: Path, client: Client) -> SimulatedCloud:
    """The provider of environment lab."""
    return SimulatedCloud("lab", tmp_path)


def wish(home: Path, name: str = "kube-1") -> MachineWish:
    """A machine of environment lab, with keys that are made now."""
    keys = home / "keys"
    host_key(keys, name)
    return MachineWish("lab", "alpha", "worker", name, keys / "hosts" / name, login_key(keys))


def quiet(text: str, level: Level = "info") -> None:
    """A report that nobody reads."""
