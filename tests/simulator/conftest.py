"""A world of its own for each test, with machines that the product's own connections lead to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncssh
import pytest

from core.machines.artifacts import Artifacts
from core.machines.connection import Connection
from core.machines.connections import Connections
from core.simulator.machine.machine import Machine
from core.simulator.world import World
from tests.simulator.keys import Keys
from tests.unit.machines.programs import table

Maker = Callable[..., Awaitable[Machine]]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """One pair of keys for all machines of a session."""
    return Keys.make(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the world of a test is kept."""
    return tmp_path / "home"


@pytest.fixture
async def world(home: Path) -> AsyncIterator[World]:
    """An open world without machines."""
    opened = await World.open(home)
    yield opened
    await opened.close()


@pytest.fixture
def make(world: World, keys: Keys) -> Maker:
    """Makes a running machine by its name."""

    async def made(name: str, **fields: str) -> Machine:
        return await world.create(keys.wish(name, **fields))

    return made


@pytest.fixture
async def machine(make: Maker) -> Machine:
    """One running machine."""
    return await make("m1")


@pytest.fixture
async def connections(world: World, keys: Keys) -> AsyncIterator[Connections]:
    """The product's connections to the machines of environment "env"."""

    pool = Connections(lambda name: keys.access(world.machines["env", name]))
    yield pool
    await pool.close()


@pytest.fixture
async def link(machine: Machine, connections: Connections) -> Connection:
    """The product's connection to `machine`."""
    return await connections.get(machine.name)


@pytest.fixture
def other_key() -> str:
    """A public key that no machine has."""
    return asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    """Artifacts of which nothing was fetched, and that nobody publishes."""
    return Artifacts(tmp_path / "cache", [], table())
