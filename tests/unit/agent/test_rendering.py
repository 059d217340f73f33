from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.cluster.agent.gondolier_gateway import (
    Publication,
    Settings,
    listening,
    own_ports,
    render_haproxy,
    render_nftables,
    sift,
    stale_flows,
    summary,
)
from tests.unit.agent.tools import need

SETTINGS = Settings(server="https://127.0.0.1:1", ca="", cert="", key="", node="gateway-1")
WEB = Publication("default", "web", 80, "TCP", (("10.0.0.1", 8080), ("10.0.0.2", 8080)))
DNS = Publication("default", "dns", 53, "UDP", (("10.0.0.1", 53), ("10.0.0.2", 5353)))


def test_a_port_becomes_a_frontend_and_a_backend_with_checked_servers() -> None:
    assert """
frontend default_web_80
    bind 0.0.0.0:80
    default_backend default_web_80

backend default_web_80
    balance leastconn
    server 10.0.0.1_8080 10.0.0.1:8080
    server 10.0.0.2_8080 10.0.0.2:8080
""" in render_haproxy([WEB], SETTINGS)


def test_connections_outlive_a_reload_and_listeners_are_handed_over() -> None:
    text = render_haproxy([], SETTINGS)
    assert "expose-fd listeners" in text
    assert "hard-stop-after 30m" in text


@pytest.mark.parametrize("found", [[], [WEB]])
def test_haproxy_accepts_what_we_render(found: list[Publication], tmp_path: Path) -> None:
    need("haproxy", root=True)
    path = tmp_path / "haproxy.cfg"
    path.write_text(render_haproxy(found, SETTINGS))
    subprocess.run(["haproxy", "-c", "-f", path], check=True, capture_output=True)


def test_ports_of_a_rendered_configuration_are_found_again() -> None:
    assert own_ports(render_haproxy([WEB], SETTINGS)) == {80}


def test_a_udp_port_is_spread_over_its_endpoints_and_only_our_flows_are_masqueraded() -> None:
    text = render_nftables([DNS])
    assert text.startswith("table inet gondolier_gateway\ndelete table inet gondolier_gateway\n")
    assert (
        "fib daddr type local udp dport 53 ct mark set 0x676f6e64 dnat ip to "
        "jhash ip saddr . udp sport mod 2 map { 0 : 10.0.0.1 . 53, 1 : 10.0.0.2 . 5353 }\n"
    ) in text
    assert "meta l4proto udp ct mark 0x676f6e64 masquerade" in text


def test_flows_of_new_ports_and_of_lost_endpoints_are_forgotten() -> None:
    less = Publication("default", "dns", 53, "UDP", (("10.0.0.2", 5353),))
    assert stale_flows([], [DNS]) == [["-p", "udp", "--orig-port-dst", "53"]]
    assert stale_flows([DNS], [less]) == [["-p", "udp", "--orig-port-dst", "53", "--reply-src", "10.0.0.1"]]
    assert stale_flows([DNS], [DNS]) == []


def test_only_sockets_that_listen_are_taken() -> None:
    text = (
        "  sl  local_address rem_address   st tx_queue\n"
        "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000\n"
        "   1: 0100007F:0050 0100007F:9C40 01 00000000:00000000\n"
    )
    assert listening(text) == {8080}


@pytest.mark.parametrize("bad", [set[int](), {3}, {0, 7}, {1, 2, 3}, set(range(8))])
def test_sifting_leaves_out_exactly_the_bad_ones(bad: set[int]) -> None:
    def complaint(some: list[Publication]) -> str:
        return "".join(f"no {one.port};" for one in some if one.port in bad)

    every = [Publication("default", "web", port, "TCP") for port in range(8)]
    good, refused = sift([], every, complaint)
    assert [one.port for one in good] == [port for port in range(8) if port not in bad]
    assert {one.port: one.message for one in refused} == {port: f"no {port};" for port in bad}


def test_many_reasons_are_told_in_one_line() -> None:
    assert summary(["", "b", "a", "b"]) == "a; b"
    assert summary(["a", "b", "c", "d", "e"]) == "a; b; c and 2 more"
