"""What gateways and etcd say of themselves, as views."""

from __future__ import annotations

import json

import pytest

from core.engine.errors import Trouble
from core.operations import etcd, gateway, haproxy

_ADMIN = """\
Name: HAProxy
Version: 2.6.12-1
Maxconn: 4096
Uptime_sec: 77
CurrConns: 3
ConnRate: 2

# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,status,lastchg,rate,rate_max,check_status,addr,
default_web_8080,FRONTEND,,,2,5,4096,40,1000,2000,OPEN,,1,9,,,
default_web_8080,10.1.0.5_80,0,0,1,3,,20,500,1000,UP,70,1,5,L4OK,10.1.0.5:80,
default_web_8080,10.1.0.6_80,0,0,0,2,,20,500,1000,DOWN,5,0,4,L4CON,10.1.0.6:80,
default_web_8080,BACKEND,0,0,1,3,410,40,1000,2000,UP,70,1,9,,,
"""

_STATUS = {
    "services": [
        {"namespace": "default", "name": "web", "port": 8080, "protocol": "TCP", "state": "served", "message": ""},
        {"namespace": "a", "name": "b", "port": 22, "protocol": "TCP", "state": "reserved", "message": "22 is sshd's"},
    ],
    "reloads": 3,
    "last_reload": {"at": "2026-01-01T00:00:00Z", "reason": "service default/web changed"},
    "errors": [],
    "api": {"connected": True, "since": "2026-01-01T00:00:00Z", "error": ""},
}


def test_haproxys_answer_is_frontends_with_their_servers() -> None:
    found = haproxy.parse(_ADMIN)
    assert (found.version, found.uptime, found.connections, found.connections_limit) == ("2.6.12-1", 77, 3, 4096)
    (proxy,) = found.proxies
    assert (proxy.service, proxy.bind, proxy.sessions, proxy.rate_max) == ("default/web", ":8080", 2, 9)
    assert [(one.name, one.status, one.check) for one in proxy.servers] == [
        ("10.1.0.5_80", "UP", "L4OK"),
        ("10.1.0.6_80", "DOWN", "L4CON"),
    ]


def test_what_is_no_answer_of_haproxys_is_an_error() -> None:
    with pytest.raises(ValueError, match="no table"):
        haproxy.parse("Unknown command")


def test_a_gateway_says_what_it_publishes_and_why_it_was_reloaded() -> None:
    found = gateway.view("gateway-1", json.dumps(_STATUS).encode(), haproxy.parse(_ADMIN), "", 5.0)
    assert [(one.service, one.state, one.public_port) for one in found.publications] == [
        ("default/web", "served", 8080),
        ("a/b", "reserved", None),
    ]
    assert (found.reload_reason, found.reloaded) == ("service default/web changed", 1767225600.0)
    assert found.api_connected
    assert found.trouble == ""


def test_a_gateways_report_that_cannot_be_read_is_trouble() -> None:
    for raw in (b"{", b"[]", b'{"api": {}}'):
        with pytest.raises(Trouble, match="cannot be read"):
            gateway.view("gateway-1", raw, haproxy.parse(_ADMIN), "", 0.0)


def test_etcds_members_have_their_leader_sizes_and_latency() -> None:
    listed = [
        {"ID": 10, "name": "kube-1", "clientURLs": ["https://a:2379"], "peerURLs": ["https://a:2380"]},
        {"ID": 11, "name": "kube-2", "clientURLs": ["https://b:2379"], "peerURLs": ["https://b:2380"]},
        {"ID": 12, "name": "", "peerURLs": ["https://c:2380"], "isLearner": True},
    ]
    status = {"leader": 10, "version": "3.6.1", "dbSize": 4096, "dbSizeInUse": 1024, "raftIndex": 7, "raftTerm": 2}
    told: dict[str, etcd.Answer] = {
        "https://a:2379": (status, 0.002, ""),
        "https://b:2379": (None, None, "connection refused"),
    }
    found = etcd.view(listed, told, ["NOSPACE on kube-1"], 1.0)
    first, second, third = found.members
    assert (first.id, first.leader, first.db_size, first.latency) == ("a", True, 4096, 0.002)
    assert (second.leader, second.trouble) == (False, "connection refused")
    assert (third.learner, third.trouble) == (True, "it has not started yet")
    assert (found.quorum, found.tolerates, found.alarms) == (2, 0, ("NOSPACE on kube-1",))


@pytest.mark.parametrize(("text", "seconds"), [("2.5ms", 0.0025), ("1.2s", 1.2), ("300µs", 0.0003), ("1m2s", None)])
def test_durations_as_go_prints_them(text: str, seconds: float | None) -> None:
    found = etcd._seconds(text)
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_alarms_are_told_by_name() -> None:
    listed = [{"ID": 10, "name": "kube-1"}]
    assert etcd._alarms('{"alarms": [{"memberID": 10, "alarm": 1}]}', listed) == ["NOSPACE on kube-1"]
    assert etcd._alarms("{}", listed) == []
