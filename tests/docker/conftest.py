"""A real Docker host for all tests of this folder: an nspawn machine with Debian's Docker, images from a registry."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kubernetes.lab import Lab, obstacle, registry_running

ENVIRONMENT = "dock"
SUBNET = "10.79.0.0/24"
MACHINE = "10.79.0.11"

Document = dict[str, Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a real machine; where none can be, each test says why it does not run."""
    reason = obstacle()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.docker)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


class DockerLab(Lab):
    """The command line with one environment that has one Docker host, `box`."""

    def declare(self, *applications: Document) -> None:
        """Make these the host's applications in the draft."""
        host = {
            "kind": "DockerStandaloneHost",
            "name": "box",
            "registry": {"mirror": self.registry},
            "applications": list(applications),
        }
        provider = {"kind": "nspawn", "subnet": SUBNET}
        file = self.home / "dock.yaml"
        file.write_text(json.dumps({"environment": ENVIRONMENT, "provider": provider, "components": [host]}))
        self.run("apply", str(file))

    def deploy(self, *applications: Document, code: int = 0) -> str:
        """Declare and deploy; what the run printed."""
        self.declare(*applications)
        return self.run("deploy", ENVIRONMENT, code=code)

    def on_machine(self, command: str, check: bool = True) -> str:
        return self.ssh(ENVIRONMENT, MACHINE, command, check)

    def ports(self, application: str) -> set[tuple[int, str]]:
        """The machine's ports that lead to an application."""
        rows = self.json("endpoints", ENVIRONMENT)
        mine = (row for row in rows if row["application"] == application and row["scope"] == "cloud")
        return {(row["port"], row["protocol"]) for row in mine}


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerLab]:
    """A home and a registry; at the end nothing of either is left."""
    home = tmp_path_factory.mktemp("home")
    with registry_running() as url:
        found = DockerLab(home, url)
        found.configure()
        yield found
        for entry in found.json("environments"):
            found.run("destroy", entry["environment"], "--yes", code=None)
    shutil.rmtree(home, ignore_errors=True)
