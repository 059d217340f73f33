"""The command line with a home directory of its own, and the simulator in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 180.0
"""Seconds that a command may take."""


class Home:
    """A home directory as its user sees it: through commands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.report = ""
        self.environ = os.environ | {
            "GONDOLIER_HOME": str(path),
            "GONDOLIER_CONFIG": str(path / "config.toml"),
            "GONDOLIER_CACHE": str(path / "cache"),
        }

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run a command and give its output; an assertion fails where it ends otherwise than expected."""
        done = self.start(*arguments)
        output, _ = done.communicate(timeout=PATIENCE)
        assert done.returncode == status, f"{' '.join(arguments)} ended with {done.returncode}:\n{output}"
        return output

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begin a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "core", *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def json(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        return json.loads(self.run(*arguments, "--json"))

    def apply(self, document: str) -> None:
        """Keep a document as a draft."""
        file = self.path / "document.yaml"
        file.write_text(document)
        self.run("apply", str(file))


@contextmanager
def home_at(path: Path) -> Iterator[Home]:
    """A home directory whose simulator ends with the block."""
    path.mkdir(parents=True, exist_ok=True)
    home = Home(path)
    try:
        yield home
    finally:
        home.run("simulator", "stop")


def document(workers: int = 2, gateways: int = 1, replicas: int = 2) -> str:
    """Environment lab: cluster alpha of so many machines, and pod web."""
    return f"""\
environment: lab
provider: {{kind: simulated}}
components:
  - kind: KubernetesCluster
    name: alpha
    version: "1.36"
    workers: {{count: {workers}, max: {workers + 2}}}
    gateways: {{count: {gateways}, max: {gateways + 1}}}
    network: calico
  - kind: KubernetesPod
    name: web
    cluster: alpha
    replicas: {replicas}
    applications:
      - {{name: site, image: "nginx:1.29", ports: [{{port: 80, scope: public}}]}}
"""
