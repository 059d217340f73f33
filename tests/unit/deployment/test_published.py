"""A pod is published when every gateway's agent says so of each of its ports."""

from __future__ import annotations

import json

from core.deployment.published import unserved

WANTED = {(80, "TCP"), (53, "UDP")}


def status(*rows: tuple[int, str, str]) -> bytes:
    return json.dumps(
        {"services": [dict(zip(("port", "protocol", "state"), row, strict=True)) for row in rows]}
    ).encode()


def test_nothing_is_missing_where_all_ports_are_served() -> None:
    assert unserved("gateway-1", status((80, "TCP", "served"), (53, "UDP", "served")), WANTED) == []


def test_a_port_without_endpoints_is_waited_for_with_its_state() -> None:
    (change,) = unserved("gateway-1", status((80, "TCP", "no endpoints"), (53, "UDP", "served")), WANTED)
    assert (change.subject, change.after) == ("port 80/TCP on gateway-1", "no endpoints")


def test_the_same_number_of_another_protocol_does_not_count() -> None:
    assert len(unserved("gateway-1", status((80, "UDP", "served"), (53, "UDP", "served")), WANTED)) == 1


def test_an_agent_that_has_said_nothing_serves_nothing() -> None:
    assert [change.after for change in unserved("gateway-1", None, WANTED)] == ["not seen", "not seen"]
