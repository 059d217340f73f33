"""One real lab for all tests of this folder; they run in the order of their files, as its life goes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kubernetes.lab import Lab, document, obstacle, registry_running
from tests.mirror import debian, store

pytestmark = pytest.mark.kubernetes


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs real machines; where they cannot be, each test says why it does not run."""
    reason = obstacle()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.kubernetes)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A home and a registry; at the end nothing of either is left."""
    home = tmp_path_factory.mktemp("home")
    with registry_running() as url:
        found = Lab(home, url)
        found.configure()
        yield found
        for entry in found.json("environments"):
            found.run("destroy", entry["environment"], "--yes", code=None)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def deployed(lab: Lab) -> Lab:
    """The README's document, deployed."""
    file = lab.home / "lab.yaml"
    file.write_text(document(lab.registry))
    lab.run("apply", str(file))
    started = time.monotonic()
    lab.run("deploy", "lab")
    print(f"deployed in {time.monotonic() - started:.1f} s, machines and base image included")
    return lab


@pytest.fixture(scope="session")
def kubeconfig(deployed: Lab) -> Path:
    """An administrator's kubeconfig in a file of its own."""
    path = deployed.home / "kubeconfig"
    path.write_text(deployed.run("kubeconfig", "lab/alpha"))
    path.chmod(0o600)
    return path


@pytest.fixture
def debian_kubectl() -> str:
    """Debian's kubectl, which is much older than the cluster; unpacked, for the package clashes with others."""
    folder = store.cache() / "debian-kubectl"
    program = folder / "usr/bin/kubectl"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        debian.unpack(["kubernetes-client"], folder)
    return str(program)
