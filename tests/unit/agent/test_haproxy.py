"""A real HAProxy on loopback ports, driven by the agent."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.unit.agent.conftest import PATIENCE, Agent, until
from tests.unit.agent.fake_api import FakeApi
from tests.unit.agent.objects import endpoint_slice, service
from tests.unit.agent.tools import need

REQUESTS = 400


class Backend:
    """Answers every connection on ADDRESS:PORT with its own name."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.create_server((address, 0), backlog=128)
        self.port: int = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client:
            while client.recv(100):
                client.sendall(self.address.encode())

    def close(self) -> None:
        self.socket.close()


def ask(connection: socket.socket) -> str:
    connection.sendall(b"who")
    return connection.recv(100).decode()


def ask_once(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        return ask(connection)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def haproxy(agent: Agent) -> Iterator[subprocess.Popen[bytes]]:
    """HAProxy's master with the agent's file; the agent reloads it as systemd would."""
    need("haproxy")
    # A socket's path has at most 107 characters.
    place = Path(tempfile.mkdtemp(prefix="gateway"))
    agent.settings |= {
        "haproxy_global": [f"stats socket {place}/admin.sock mode 600 level admin expose-fd listeners"],
        "haproxy_check": ["haproxy", "-c", "-q", "-f"],
        "haproxy_reload": ["sh", "-c", f"kill -USR2 $(cat {place}/pid)"],
        "sockets": ["/proc/net/tcp"],
    }
    agent.start()
    until(lambda: bool(agent.text()), "the first configuration")
    with (agent.place / "haproxy.log").open("wb") as log:
        command = ["haproxy", "-Ws", "-f", str(agent.config), "-p", f"{place}/pid"]
        master = subprocess.Popen(command, stdout=log, stderr=log)
    until((place / "admin.sock").exists, "HAProxy")
    until(lambda: (place / "pid").exists() and bool((place / "pid").read_text()), "HAProxy's pid")
    yield master
    agent.stop()
    master.terminate()
    master.wait(PATIENCE)
    shutil.rmtree(place)


@pytest.fixture
def backends() -> Iterator[tuple[Backend, Backend]]:
    first, second = Backend("127.0.0.2"), Backend("127.0.0.3")
    yield first, second
    first.close()
    second.close()


def publish(api: FakeApi, name: str, port: int, *backends: Backend) -> None:
    slices = (endpoint_slice(name, [one.address], ("http", one.port, "TCP"), suffix=one.address) for one in backends)
    api.put(service(name, ("http", port, "TCP")), *slices)


def test_reloads_refuse_no_connection_and_drop_none(
    api: FakeApi, agent: Agent, haproxy: subprocess.Popen[bytes], backends: tuple[Backend, Backend]
) -> None:
    port = free_port()
    publish(api, "web", port, *backends)
    until(lambda: agent.states().get(f"web:{port}") == "served" and agent.status()["reloads"] > 0, "the service")
    before = agent.status()["reloads"]
    answers: set[str] = set()
    with ExitStack() as stack:
        kept = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
        first = ask(kept)
        for number in range(4):
            publish(api, f"other{number}", free_port(), backends[0])
            answers |= {ask_once(port) for _ in range(REQUESTS // 4)}
        until(
            lambda: (
                ask_once(port) in answers and set(agent.states().values()) == {"served"} and len(agent.states()) == 5
            ),
            "the other services",
        )
        answers |= {ask_once(port) for _ in range(REQUESTS // 4)}
        assert ask(kept) == first
    assert answers == {"127.0.0.2", "127.0.0.3"}
    assert agent.status()["reloads"] > before
    assert agent.status()["errors"] == []
    assert haproxy.poll() is None


def test_an_endpoint_that_is_gone_gets_no_connection(
    api: FakeApi, agent: Agent, haproxy: subprocess.Popen[bytes], backends: tuple[Backend, Backend]
) -> None:
    port, (first, second) = free_port(), backends
    publish(api, "web", port, first, second)
    until(lambda: agent.states().get(f"web:{port}") == "served" and agent.status()["reloads"] > 0, "the service")
    reloads = agent.status()["reloads"]
    api.delete(endpoint_slice("web", [first.address], suffix=first.address))
    until(lambda: agent.status()["reloads"] > reloads, "the reload")
    # The worker before may accept a moment longer: listeners overlap so that none is refused.
    until(lambda: {ask_once(port) for _ in range(20)} == {second.address}, "the new worker alone")


def test_a_port_that_another_program_has_is_flagged_and_the_others_are_served(
    api: FakeApi, agent: Agent, haproxy: subprocess.Popen[bytes], backends: tuple[Backend, Backend]
) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = int(stranger.getsockname()[1])
        publish(api, "late", taken, backends[0])
        publish(api, "web", port, backends[0])
        until(lambda: agent.states() == {f"late:{taken}": "reserved", f"web:{port}": "served"}, "the verdict")
        until(lambda: agent.status()["reloads"] > 0, "the reload")
        assert ask_once(port) == "127.0.0.2"
    until(lambda: agent.states()[f"late:{taken}"] == "served", "the port that has become free")
    until(lambda: ask_once(taken) == "127.0.0.2", "the late service")
