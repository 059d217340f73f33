from __future__ import annotations

from typing import Any

import pytest

from core.cluster.agent.gondolier_gateway import Publication, parse_publish, publications, service_of, slice_of
from tests.unit.agent.objects import endpoint_slice, service

HTTP = ("http", 80, "TCP")


def decide(*items: dict[str, Any], reserved: tuple[str, ...] = (), taken: tuple[int, ...] = ()) -> list[Publication]:
    services = [service_of(item) for item in items if "spec" in item]
    slices = [slice_of(item) for item in items if "endpoints" in item]
    return publications(services, slices, reserved, taken)


def states(found: list[Publication]) -> dict[str, str]:
    return {f"{one.name}:{one.port}/{one.protocol}": one.state for one in found}


def test_a_plain_service_in_default_is_published_without_being_asked() -> None:
    found = decide(service("web", HTTP), endpoint_slice("web", ["10.0.0.2", "10.0.0.10"], ("http", 8080, "TCP")))
    assert found == [Publication("default", "web", 80, "TCP", (("10.0.0.2", 8080), ("10.0.0.10", 8080)))]


@pytest.mark.parametrize(
    "item",
    [
        service("kubernetes", ("https", 443, "TCP")),
        service("web", HTTP, publish="none"),
        service("web", HTTP, publish=""),
        service("web", HTTP, namespace="other"),
        service("headless", HTTP, cluster_ip="None"),
        service("alias", HTTP, kind="ExternalName"),
    ],
)
def test_other_services_are_not_published_unless_they_ask(item: dict[str, Any]) -> None:
    assert decide(item) == []


def test_an_annotation_chooses_ports_in_any_namespace() -> None:
    item = service("dns", ("dns", 53, "UDP"), ("dns-tcp", 53, "TCP"), HTTP, namespace="other", publish="53/UDP, 80")
    assert states(decide(item)) == {"dns:53/UDP": "no endpoints", "dns:80/TCP": "no endpoints"}


def test_an_annotation_may_be_a_json_list() -> None:
    assert parse_publish('["80/TCP", "53/udp"]') == [(80, "TCP"), (53, "UDP")]


@pytest.mark.parametrize("text", ["eighty", "0/TCP", "70000", "80/SCTP", "[80"])
def test_an_annotation_that_cannot_be_read_is_flagged_on_its_service_alone(text: str) -> None:
    good = service("good", HTTP), endpoint_slice("good", ["10.0.0.1"], HTTP)
    found = decide(service("bad", HTTP, publish=text), *good)
    assert states(found) == {"bad:0/": "invalid", "good:80/TCP": "served"}
    assert "gondolier.io/publish" in found[0].message


def test_a_port_that_the_service_does_not_have_is_flagged() -> None:
    (found,) = decide(service("web", HTTP, publish="81/TCP"))
    assert (found.state, found.message) == ("invalid", "the Service has no port 81/TCP")


def test_a_protocol_that_gateways_cannot_publish_is_flagged() -> None:
    assert states(decide(service("call", ("s", 5060, "SCTP")))) == {"call:5060/SCTP": "invalid"}


def test_the_oldest_service_has_the_port_and_the_loser_names_the_winner() -> None:
    old = service("zeta", HTTP, created="2025-01-01T00:00:00Z")
    young = service("alpha", HTTP, created="2025-01-02T00:00:00Z")
    found = {one.name: one for one in decide(young, old, endpoint_slice("zeta", ["10.0.0.1"], HTTP))}
    assert found["zeta"].state == "served"
    assert (found["alpha"].state, found["alpha"].message) == ("clash", "80/TCP is already published for default/zeta")


def test_services_of_the_same_age_are_ordered_by_name() -> None:
    assert states(decide(service("b", HTTP), service("a", HTTP))) == {"a:80/TCP": "no endpoints", "b:80/TCP": "clash"}


def test_tcp_and_udp_of_one_number_do_not_clash() -> None:
    found = decide(service("a", ("x", 53, "TCP")), service("b", ("x", 53, "UDP")))
    assert set(states(found).values()) == {"no endpoints"}


def test_reserved_ports_are_refused_for_their_protocol() -> None:
    item = service("a", ("s", 22, "TCP"), ("v", 8472, "UDP"), ("w", 8472, "TCP"))
    found = states(decide(item, reserved=("22", "8472/UDP")))
    assert found == {"a:22/TCP": "reserved", "a:8472/UDP": "reserved", "a:8472/TCP": "no endpoints"}


def test_a_port_on_which_another_program_listens_is_refused() -> None:
    (found,) = decide(service("web", HTTP), endpoint_slice("web", ["10.0.0.1"], HTTP), taken=(80,))
    assert (found.state, found.message) == ("reserved", "another program on this machine listens on 80/TCP")


def test_endpoints_come_from_all_slices_once_and_only_ready_ipv4_ones() -> None:
    found = decide(
        service("web", HTTP),
        endpoint_slice("web", ["10.0.0.3", "10.0.0.1"], ("http", 8080, "TCP"), unready=["10.0.0.9"]),
        endpoint_slice("web", ["10.0.0.3", "10.0.0.4"], ("http", 9090, "TCP"), suffix="b"),
        endpoint_slice("web", ["fd00::1"], ("http", 8080, "TCP"), suffix="c", family="IPv6"),
        endpoint_slice("web", ["10.0.0.7"], ("other", 7070, "TCP"), suffix="d"),
        endpoint_slice("web", ["10.0.0.8"], ("http", 8080, "TCP"), namespace="other"),
    )
    assert found[0].targets == (("10.0.0.1", 8080), ("10.0.0.3", 8080), ("10.0.0.3", 9090), ("10.0.0.4", 9090))


def test_an_endpoint_without_a_condition_counts_as_ready() -> None:
    piece = endpoint_slice("web", ["10.0.0.1"], HTTP)
    del piece["endpoints"][0]["conditions"]
    assert states(decide(service("web", HTTP), piece)) == {"web:80/TCP": "served"}


def test_the_order_in_which_objects_come_changes_nothing() -> None:
    items = [
        service("a", HTTP),
        service("b", ("x", 81, "TCP")),
        endpoint_slice("a", ["10.0.0.1"], HTTP),
        endpoint_slice("b", ["10.0.0.2"], ("x", 81, "TCP")),
    ]
    assert decide(*items) == decide(*reversed(items))
