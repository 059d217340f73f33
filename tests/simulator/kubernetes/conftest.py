"""A served cluster, and the product's client as its administrator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.cluster.pki import Pki
from core.kube.access import Cluster
from core.simulator.machine.machine import Machine
from tests.simulator.conftest import Maker
from tests.simulator.kubernetes.control_plane import furnish, make_pki
from tests.simulator.kubernetes.serving import Served, serving


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as found:
        yield found


@pytest.fixture
async def cluster(served: Served) -> AsyncIterator[Cluster]:
    async with served.cluster() as found:
        yield found


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """A cluster's authorities, with the certificates that need no machine."""
    return make_pki(tmp_path / "pki")


@pytest.fixture
async def control_plane(make: Maker, pki: Pki) -> Machine:
    """A machine with etcd running and everything in place for the API server."""
    machine = await make("cp")
    furnish(machine, pki)
    assert await machine.units.start("etcd.service") == []
    return machine
