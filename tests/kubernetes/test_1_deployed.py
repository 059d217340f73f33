"""The README's document on real machines: what a person finds after `deploy`."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kubernetes.lab import Lab, public_url

LOOPBACK = ("127.", "[::1]")

OPEN_PORTS = {22: "sshd", 80: "the published application"}
"""What may answer a stranger: SSH, which asks for a key, and what was published."""


def eventually(check: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something holds, or say what does not."""
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.5)


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_every_condition_holds(deployed: Lab) -> None:
    status = deployed.json("status", "lab")
    assert (status["environment"], status["status"], status["provider"], status["simulated"]) == (
        "lab",
        "ready",
        "nspawn",
        False,
    )
    conditions = {
        (part["name"], condition["type"]): condition
        for part in status["components"]
        for condition in part["conditions"]
    }
    assert {condition["status"] for condition in conditions.values()} == {"True"}
    wanted = {"Ready", "NodesReady", "EtcdHealthy", "NetworkReady", "DnsReady", "GatewaysServing"}
    assert {kind for name, kind in conditions if name == "alpha"} == wanted
    assert all({"type", "status", "reason", "message"} <= condition.keys() for condition in conditions.values())


def test_the_cluster_has_its_nodes_and_members(deployed: Lab) -> None:
    alpha = deployed.component("lab", "alpha")
    assert alpha["version"] == "1.36.4"
    nodes = [(node["name"], node["role"], node["ready"]) for node in alpha["nodes"]]
    assert nodes == [
        ("kube-1", "control-plane", True),
        ("kube-2", "worker", True),
        ("kube-3", "worker", True),
        ("gateway-1", "gateway", True),
    ]
    members = {(member["name"], member["learner"], member["healthy"]) for member in alpha["etcd"]["members"]}
    assert members == {("kube-1", False, True), ("kube-2", False, True), ("kube-3", False, True)}


def test_a_second_plan_finds_nothing_and_a_second_deploy_restarts_nothing(deployed: Lab) -> None:
    assert deployed.plan("lab") == []
    before = _started(deployed)
    deployed.run("deploy", "lab")
    assert _started(deployed) == before


def _started(lab: Lab) -> dict[str, str]:
    units = "etcd containerd kubelet kube-proxy kube-apiserver calico-node haproxy gondolier-gateway"
    command = f"systemctl show -p Id -p ExecMainStartTimestamp -p NRestarts {units}"
    return {node["name"]: lab.ssh("lab", node["address"], command) for node in lab.component("lab", "alpha")["nodes"]}


def test_the_pod_answers_through_the_gateway(deployed: Lab) -> None:
    endpoints = deployed.json("endpoints", "lab")
    keys = {"component", "application", "address", "port", "scope", "port_scope", "container_port", "protocol"}
    assert all(endpoint.keys() == keys | {"simulated"} for endpoint in endpoints)
    assert {endpoint["scope"] for endpoint in endpoints} == {"host", "internal", "cloud", "public"}
    assert "web-" in fetch(public_url(endpoints))


@pytest.mark.parametrize("program", ["current", "Debian's"])
def test_kubectl_sees_four_ready_nodes(deployed: Lab, kubeconfig: Path, debian_kubectl: str, program: str) -> None:
    chosen = "" if program == "current" else debian_kubectl
    table = deployed.kubectl(kubeconfig, "get", "nodes", "--no-headers", program=chosen)
    assert [line.split()[1] for line in table.splitlines()] == ["Ready"] * 4


def test_exec_reaches_into_a_container_and_dns_answers_there(deployed: Lab, kubeconfig: Path) -> None:
    pod = _replicas(deployed)[0]
    assert deployed.kubectl(kubeconfig, "exec", pod, "--", "hostname").strip() == pod
    answer = deployed.kubectl(kubeconfig, "exec", pod, "--", "nslookup", "web-site.default.svc.cluster.local")
    internal = next(e["address"] for e in deployed.json("endpoints", "lab") if e["scope"] == "internal")
    assert internal in answer


def _replicas(lab: Lab) -> list[str]:
    return [replica["name"] for replica in lab.component("lab", "web")["instances"]]


def test_logs_follow_what_the_pods_write(deployed: Lab) -> None:
    url = public_url(deployed.json("endpoints", "lab"))
    process = deployed.start("logs", "lab/web", "-f")
    try:
        assert process.stdout is not None
        fetch(f"{url}?mark-of-this-test")
        seen: list[str] = []
        while not any("mark-of-this-test" in line for line in seen):
            line = process.stdout.readline()
            assert line, f"the log ended: {seen}"
            seen.append(line)
        assert seen[-1].startswith("web-")
    finally:
        process.terminate()
        process.wait(20)


def test_a_service_made_with_kubectl_appears_on_the_gateway(deployed: Lab, kubeconfig: Path) -> None:
    deployed.kubectl(kubeconfig, "expose", "deployment", "web", "--name=by-hand", "--port=8080", "--target-port=80")
    try:
        address = public_url(deployed.json("endpoints", "lab")).split("/")[2].split(":")[0]
        eventually(lambda: _answers(f"http://{address}:8080/"), "the service on the gateway", seconds=15)
    finally:
        deployed.kubectl(kubeconfig, "delete", "service", "by-hand")


def _answers(url: str) -> bool:
    try:
        return "web-" in fetch(url)
    except OSError:
        return False


def test_secrets_are_not_in_clear_in_etcd(deployed: Lab, kubeconfig: Path) -> None:
    deployed.kubectl(kubeconfig, "create", "secret", "generic", "hidden", "--from-literal=word=abracadabra")
    raw = deployed.ssh(
        "lab",
        deployed.component("lab", "alpha")["nodes"][0]["address"],
        "etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/etcd/pki/ca.crt --cert=/etc/etcd/pki/operator.crt "
        "--key=/etc/etcd/pki/operator.key get /registry/secrets/default/hidden | cat -v",
    )
    assert "k8s:enc:secretbox" in raw
    assert "abracadabra" not in raw
    assert "abracadabra" in _decoded(
        deployed.kubectl(kubeconfig, "get", "secret", "hidden", "-o", "jsonpath={.data.word}")
    )
    deployed.kubectl(kubeconfig, "delete", "secret", "hidden")


def _decoded(text: str) -> str:
    done = subprocess.run(["base64", "-d"], input=text, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_networks_key_does_not_open_the_cluster_state(deployed: Lab) -> None:
    worker = deployed.component("lab", "alpha")["nodes"][1]["address"]
    command = (
        "/usr/local/bin/etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/etc/kubernetes/network/etcd-ca.crt "
        "--cert=/etc/kubernetes/network/etcd-client.crt --key=/etc/kubernetes/network/etcd-client.key "
        "get --keys-only --prefix {} 2>&1 || true"
    )
    assert "permission denied" in deployed.ssh("lab", worker, command.format("/registry/"))
    assert "/calico/" in deployed.ssh("lab", worker, command.format("/calico/resources"))


def test_no_port_of_any_machine_lets_a_stranger_in(deployed: Lab) -> None:
    for node in deployed.component("lab", "alpha")["nodes"]:
        listening = deployed.ssh("lab", node["address"], "ss -Hlnt")
        ports = {_port(line) for line in listening.splitlines() if not _local(line).startswith(LOOPBACK)}
        assert ports >= {22, 10250}, f"{node['name']}: {ports}"
        for port in ports - OPEN_PORTS.keys():
            assert _turned_away(node["address"], port), f"{node['name']}:{port} answers a stranger"


def _local(line: str) -> str:
    return line.split()[3]


def _port(line: str) -> int:
    return int(_local(line).rpartition(":")[2])


PATHS = ("/", "/api", "/pods", "/metrics", "/healthz", "/version", "/configz", "/v2/keys", "/debug/pprof/")
"""What the daemons of a cluster would show to whom they trust."""


def _turned_away(address: str, port: int) -> bool:
    """Whether no path gives a stranger anything: the handshake fails, or the answer is 401, 403 or 404."""
    return all(_status(address, port, path) in (b"", b"401", b"403", b"404") for path in PATHS)


def _status(address: str, port: int, path: str) -> bytes:
    """The status of an HTTP answer over TLS without a certificate of ours, empty where there is none."""
    stranger = ssl.create_default_context()
    stranger.check_hostname = False
    stranger.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((address, port), timeout=5) as plain,
            stranger.wrap_socket(plain, server_hostname=address) as secure,
        ):
            secure.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
            words = secure.recv(64).split()
    except (ssl.SSLError, ConnectionResetError):
        return b""
    # What is no HTTP at all must not pass for a refusal.
    return words[1] if len(words) > 1 else b"".join(words)


def test_no_secret_is_in_the_report_the_database_or_a_command_line(deployed: Lab) -> None:
    report = deployed.run("history", "lab", "1")
    assert "PRIVATE KEY" not in report
    stored = b"".join(path.read_bytes() for path in deployed.home.glob("gondolier.db*"))
    assert b"PRIVATE KEY" not in stored
    modes = {path.stat().st_mode & 0o077 for path in (deployed.home / "keys").rglob("*") if path.is_file()}
    assert modes == {0}
