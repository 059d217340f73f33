"""One environment for all faults here; each test finds it well, and leaves it so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.status import ComponentStatus
from core.store.store import Store
from tests.simulator.home import document
from tests.simulator.lab import deployed, is_ready
from tests.simulator.operated import OperatedLab

TEXT = document(workers=2, gateways=1, replicas=1)


@pytest.fixture(scope="package")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One control plane and two workers that vote, and a gateway that does not."""
    home = tmp_path_factory.mktemp("faults")
    with deployed(home, TEXT):
        yield home


@pytest.fixture
async def lab(home: Path) -> AsyncIterator[OperatedLab]:
    """The environment; at the end of each test nothing is left to do, and the right members vote."""
    with Store(home) as store:
        lab = OperatedLab(home, store, TEXT)
        if len(store.machines.list("lab")) != 4:
            # A test before this one has failed half-way: that is no reason to fail as well.
            assert (await lab.deploy(TEXT)).good
        yield lab
        await lab.clear()
        await lab.until(_whole)
        await lab.until(is_ready, "web")
        assert await lab.plan() == []
        await lab.close()


def _whole(alpha: ComponentStatus) -> bool:
    voting = sorted(each.name for each in alpha.etcd.members if not each.learner)
    return is_ready(alpha) and voting == ["kube-1", "kube-2", "kube-3"]
