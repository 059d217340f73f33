"""One real control plane for all tests of this folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.store.store import Store
from tests.mirror import store
from tests.openstack.documents import environment
from tests.openstack.hook import FILE
from tests.openstack.inventory import inventory
from tests.openstack.project import Project
from tests.openstack.testbed.install import obstacle
from tests.openstack.testbed.services import Testbed, running

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the services; where they cannot be, each test says why it does not run."""
    reason = obstacle()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.openstack)
            # openstacksdk warns of its own future at every request.
            for kind in ("DeprecationWarning", "PendingDeprecationWarning"):
                item.add_marker(pytest.mark.filterwarnings(f"ignore::{kind}"))
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Testbed]:
    """The control plane; its hook makes machines only while a test has put its orders in place."""
    hook = tmp_path_factory.mktemp("hook") / "hook"
    quick = f'[ -e "$OSTB_DIR/{FILE}" ] || exit 0'
    given = f"PYTHONPATH={ROOT} GONDOLIER_CACHE={store.cache() / 'product'}"
    hook.write_text(f'#!/bin/sh\n{quick}\n{given} exec {sys.executable} -m tests.openstack.hook "$@"\n')
    hook.chmod(0o755)
    with running(tmp_path_factory.mktemp("testbed"), str(hook), public="10.88.0") as found:
        yield found


@pytest.fixture
def project(bed: Testbed, tmp_path: Path) -> Iterator[Project]:
    """A home of its own and the project `demo`, in which nothing of the environment is left at the end."""
    with _at_home(bed, tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def standing(bed: Testbed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The same, shared by a file's tests: each begins by making the environment what it is declared to be."""
    with _at_home(bed, tmp_path_factory.mktemp("standing")) as found:
        yield found


@contextmanager
def _at_home(bed: Testbed, directory: Path) -> Iterator[Project]:
    before = inventory(bed.place.clouds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(bed.place.clouds))
        patch.setenv("GONDOLIER_HOME", str(directory / "home"))
        patch.setenv("GONDOLIER_CONFIG", str(directory / "config.toml"))
        with Store() as home:
            found = Project(bed, home, environment())
            yield found
            found.clean()
    assert inventory(bed.place.clouds) == before
