"""A simulated Docker host, and aiodocker over the product's own connection to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiodocker import Docker

from core.machines.connections import Connections
from core.simulator.machine.machine import Machine
from tests.simulator.conftest import Maker

Runner = Callable[..., Awaitable[Any]]


@pytest.fixture
async def host(make: Maker) -> Machine:
    """A machine on which the Docker package was installed and its service runs."""
    machine = await make("docker")
    await machine.packages.install("docker.io")
    await machine.units.start("docker.service")
    assert machine.units.active("docker.service")
    return machine


@pytest.fixture
async def docker(host: Machine, connections: Connections) -> AsyncIterator[Docker]:
    """A client of the engine, through SSH."""
    path: Path = await (await connections.get(host.name)).forward_socket("/var/run/docker.sock")
    client = Docker(url=f"unix://{path}")
    yield client
    await client.close()


@pytest.fixture
def run(docker: Docker) -> Runner:
    """Pulls an image, and makes and starts a container of it."""

    async def started(name: str, image: str = "nginx:1.29", **config: Any) -> Any:
        await docker.images.pull(image)
        container = await docker.containers.create({"Image": image, **config}, name=name)
        await container.start()
        return container

    return started
