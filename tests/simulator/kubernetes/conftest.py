"""A served cluster, and the product's client as its administrator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.kube.access import Cluster
from tests.simulator.kubernetes.serving import Served, serving


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as found:
        yield found


@pytest.fixture
async def cluster(served: Served) -> AsyncIterator[Cluster]:
    async with served.cluster() as found:
        yield found
