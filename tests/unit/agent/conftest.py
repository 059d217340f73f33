"""The agent as a process of its own, with Python's standard library only, against an API of the test's own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.cluster.agent import gondolier_gateway
from tests.unit.agent.certificates import Authority
from tests.unit.agent.fake_api import FakeApi

PATIENCE = 30.0


def until(holds: Callable[[], bool], what: str = "the condition") -> None:
    """Come back as soon as something holds; fail where it never does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"{what} did not come true"
        threading.Event().wait(0.02)


class Agent:
    """The agent's process with its files below `place`; `settings` may be changed before it starts."""

    def __init__(self, place: Path, api: FakeApi, authority: Authority) -> None:
        certificate, key = authority.issue("agent")
        self.place, self.config, self.state = place, place / "haproxy.cfg", place / "state"
        self.process: subprocess.Popen[bytes] | None = None
        self.settings: dict[str, Any] = {
            "server": api.url,
            "ca": str(authority.file),
            "cert": str(certificate),
            "key": str(key),
            "node": "gateway-1",
            "state_dir": str(self.state),
            "haproxy_config": str(self.config),
            "haproxy_global": [],
            "haproxy_check": ["true"],
            "haproxy_reload": ["true"],
            "nft": ["true"],
            "conntrack": ["true"],
            "sockets": [],
            "bind": "127.0.0.1",
            "reserved_ports": [22, "8472/UDP"],
            "quiet": 0.05,
            "tick": 0.2,
            "pause": 0.05,
            "longest_pause": 0.2,
        }

    def start(self) -> None:
        path = self.place / "gateway.json"
        path.write_text(json.dumps(self.settings))
        with (self.place / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", gondolier_gateway.__file__, str(path)], stdout=log, stderr=log
            )

    def stop(self) -> int:
        """End it as systemd does; the answer is its exit status."""
        assert self.process
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def status(self) -> dict[str, Any]:
        path = self.state / "status.json"
        found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def states(self) -> dict[str, str]:
        """Service and port → state."""
        return {f"{row['name']}:{row['port']}": row["state"] for row in self.status().get("services", [])}

    def text(self) -> str:
        return self.config.read_text() if self.config.exists() else ""

    def log(self) -> str:
        return (self.place / "log").read_text()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "pki").mkdir()
    return Authority(tmp_path / "pki")


@pytest.fixture
def api(authority: Authority) -> Iterator[FakeApi]:
    found = FakeApi(authority.file, *authority.issue("server"))
    found.start()
    yield found
    found.stop()


@pytest.fixture
def agent(tmp_path: Path, api: FakeApi, authority: Authority) -> Iterator[Agent]:
    found = Agent(tmp_path, api, authority)
    yield found
    if found.process and found.process.poll() is None:
        found.stop()
