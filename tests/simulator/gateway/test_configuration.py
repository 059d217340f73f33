"""The simulated HAProxy reads what the real agent writes, by the agent's own rules."""

from __future__ import annotations

from pathlib import Path

import core.cluster
from core.simulator.gateway.haproxy import parse_configuration
from core.simulator.gateway.rules import load_rules

AGENT = Path(core.cluster.__file__).with_name("agent") / "gondolier_gateway.py"


def service(name: str, port: int) -> dict[str, object]:
    return {
        "metadata": {"namespace": "default", "name": name, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"type": "ClusterIP", "clusterIP": "10.32.0.9", "ports": [{"port": port, "protocol": "TCP"}]},
    }


def slice_of(name: str, *addresses: str) -> dict[str, object]:
    labels = {"kubernetes.io/service-name": name}
    return {
        "metadata": {"namespace": "default", "name": f"{name}-x", "labels": labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in addresses],
        "ports": [{"port": 80, "protocol": "TCP"}],
    }


def test_what_the_agent_publishes_is_what_haproxy_serves() -> None:
    rules = load_rules(AGENT.read_bytes())
    settings = rules.Settings(server="https://x", ca="", cert="", key="", node="gateway-1")
    services = [rules.service_of(service("web", 8080)), rules.service_of(service("db", 5432))]
    slices = [rules.slice_of(slice_of("web", "192.168.0.1", "192.168.0.2"))]
    found = rules.publications(services, slices, ("22",), {2022})
    served = [one for one in found if one.state == "served"]

    assert [(one.port, one.state) for one in found] == [(5432, "no endpoints"), (8080, "served")]
    assert parse_configuration(rules.render_haproxy(served, settings)) == {
        8080: (("192.168.0.1", 80), ("192.168.0.2", 80)),
    }
    assert parse_configuration(rules.render_haproxy([], settings)) == {}


def test_the_same_file_is_loaded_once() -> None:
    source = AGENT.read_bytes()
    assert load_rules(source) is load_rules(source)
    assert load_rules(source + b"\n") is not load_rules(source)
