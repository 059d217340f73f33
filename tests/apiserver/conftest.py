"""One real API server for all tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.kube.access import Cluster
from tests.apiserver.servers import guest, obstacle, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where the binaries are not built, each test says so."""
    reason = obstacle()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.apiserver)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("apiserver")


@pytest.fixture(scope="session")
def config(place: Path) -> Iterator[dict[str, Any]]:
    with running(place) as found:
        yield found


@pytest.fixture
async def cluster(config: dict[str, Any]) -> AsyncIterator[Cluster]:
    async with Cluster(config, "real") as opened:
        yield opened


@pytest.fixture
async def stranger(config: dict[str, Any], place: Path) -> AsyncIterator[Cluster]:
    async with Cluster(guest(place, config), "real") as opened:
        yield opened
