"""UDP through the real rules, between network namespaces of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.cluster.agent.gondolier_gateway import Publication, render_nftables
from tests.unit.agent.conftest import PATIENCE
from tests.unit.agent.tools import need

ECHO = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[1], 5353)); print("up", flush=True)
while True:
    data, peer = s.recvfrom(100); s.sendto(f"{sys.argv[1]} saw {peer[0]}".encode(), peer)
"""
ASK = """
import socket
for _ in range(24):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(10); s.connect(("10.99.1.1", 53))
    s.send(b"x"); print(s.recv(100).decode())
"""


def run(*command: str, text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


@pytest.fixture
def spaces() -> Iterator[tuple[str, str, str]]:
    """Client 10.99.1.2 – gateway 10.99.1.1 and 10.99.2.1 – pods 10.99.2.2 and 10.99.2.3, which know no way back."""
    need("ip", "nft", root=True)
    client, gateway, pods = names = tuple(f"gt{os.getpid()}{each}" for each in "cgp")
    made: list[str] = []
    try:
        for name in names:
            run("ip", "netns", "add", name)
            made.append(name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        _connect(gateway, "10.99.1.1/24", client, "10.99.1.2/24")
        _connect(gateway, "10.99.2.1/24", pods, "10.99.2.2/24", "10.99.2.3/24")
        run("ip", "netns", "exec", gateway, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        yield client, gateway, pods
    finally:
        for name in made:
            run("ip", "netns", "del", name)


def _connect(left: str, address: str, right: str, *addresses: str) -> None:
    run("ip", "-n", left, "link", "add", f"to-{right}", "type", "veth", "peer", "name", "up0", "netns", right)
    run("ip", "-n", left, "addr", "add", address, "dev", f"to-{right}")
    for each in addresses:
        run("ip", "-n", right, "addr", "add", each, "dev", "up0")
    run("ip", "-n", left, "link", "set", f"to-{right}", "up")
    run("ip", "-n", right, "link", "set", "up0", "up")


def _echo(space: str, address: str) -> subprocess.Popen[str]:
    command = ["ip", "netns", "exec", space, sys.executable, "-c", ECHO, address]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    return process


def test_clients_reach_every_endpoint_and_replies_find_their_way_back(spaces: tuple[str, str, str]) -> None:
    client, gateway, pods = spaces
    found = Publication("default", "dns", 53, "UDP", (("10.99.2.2", 5353), ("10.99.2.3", 5353)))
    for _ in range(2):
        run("ip", "netns", "exec", gateway, "nft", "-f", "-", text=render_nftables([found]))
    servers = [_echo(pods, address) for address, _ in found.targets]
    try:
        answers = set(run("ip", "netns", "exec", client, sys.executable, "-c", ASK).splitlines())
    finally:
        for server in servers:
            server.terminate()
            server.wait(PATIENCE)
    assert answers == {"10.99.2.2 saw 10.99.2.1", "10.99.2.3 saw 10.99.2.1"}


def test_rules_for_any_number_of_endpoints_and_for_none_are_accepted(spaces: tuple[str, str, str]) -> None:
    _, gateway, _ = spaces
    for count in (0, 1, 3, 100):
        targets = tuple((f"10.99.2.{2 + number}", 53) for number in range(count))
        found = [Publication("default", "dns", 53, "UDP", targets)] if count else []
        run("ip", "netns", "exec", gateway, "nft", "-c", "-f", "-", text=render_nftables(found))
