"""Where applications can be reached."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.container import ApplicationPort
from core.model.endpoint import Endpoint, GatewayAddress, PublishedPort, closest_scope, endpoints, nearest
from core.model.scope import Protocol, Scope

CLUSTER_IP = "10.32.0.77"
FLOATING = GatewayAddress("10.0.0.9", "203.0.113.9")
FIXED = GatewayAddress("10.0.0.10")


def published(scope: Scope, port: int = 80, allocated: int = 1025) -> PublishedPort:
    return PublishedPort(ApplicationPort(port=port, scope=scope), None if scope is Scope.HOST else allocated)


def places(scope: Scope, *gateways: GatewayAddress) -> list[tuple[str, int, Scope]]:
    found = endpoints("web", "site", [published(scope)], CLUSTER_IP, gateways)
    return [(one.address, one.port, one.scope) for one in found]


HOST_PLACE = ("127.0.0.1", 80, Scope.HOST)
INTERNAL_PLACE = (CLUSTER_IP, 1025, Scope.INTERNAL)


def test_a_host_port_is_reached_in_its_pod_and_needs_no_service() -> None:
    found = endpoints("web", "site", [published(Scope.HOST)], None, [FLOATING])

    assert found == [Endpoint("web", "site", "127.0.0.1", 80, Scope.HOST, Scope.HOST, 80, Protocol.TCP)]


def test_an_internal_port_is_reached_at_the_service_and_in_the_pod() -> None:
    assert places(Scope.INTERNAL, FLOATING) == [INTERNAL_PLACE, HOST_PLACE]


def test_a_cloud_port_is_reached_at_each_gateway_too() -> None:
    assert places(Scope.CLOUD, FLOATING, FIXED) == [
        INTERNAL_PLACE,
        ("10.0.0.9", 1025, Scope.CLOUD),
        ("10.0.0.10", 1025, Scope.CLOUD),
        HOST_PLACE,
    ]


def test_a_public_port_is_reached_at_the_floating_addresses_too() -> None:
    assert places(Scope.PUBLIC, FLOATING, FIXED) == [
        INTERNAL_PLACE,
        ("10.0.0.9", 1025, Scope.CLOUD),
        ("203.0.113.9", 1025, Scope.PUBLIC),
        ("10.0.0.10", 1025, Scope.CLOUD),
        HOST_PLACE,
    ]


def test_where_no_gateway_has_a_floating_address_the_fixed_one_is_public() -> None:
    assert places(Scope.PUBLIC, FIXED) == [
        INTERNAL_PLACE,
        ("10.0.0.10", 1025, Scope.CLOUD),
        ("10.0.0.10", 1025, Scope.PUBLIC),
        HOST_PLACE,
    ]


def test_another_scope_for_the_same_port_gives_other_endpoints() -> None:
    assert (
        set(places(Scope.INTERNAL, FLOATING)) < set(places(Scope.CLOUD, FLOATING)) < set(places(Scope.PUBLIC, FLOATING))
    )


def test_another_gateway_gives_endpoints_at_once() -> None:
    assert len(places(Scope.PUBLIC, FLOATING, FLOATING)) == len(places(Scope.PUBLIC, FLOATING)) + 2


def test_a_port_without_its_service_is_an_error_rather_than_a_wrong_endpoint() -> None:
    with pytest.raises(ValueError, match="has no service yet"):
        endpoints("web", "site", [published(Scope.CLOUD)], None, [])


gateway_lists = st.lists(
    st.builds(GatewayAddress, st.ip_addresses(v=4).map(str), st.none() | st.ip_addresses(v=4).map(str)), max_size=5
)


@given(st.sampled_from(Scope), gateway_lists)
def test_the_number_of_endpoints_follows_from_scope_and_gateways(scope: Scope, gateways: list[GatewayAddress]) -> None:
    floating = sum(1 for gateway in gateways if gateway.floating)
    expected = {
        Scope.HOST: 1,
        Scope.INTERNAL: 2,
        Scope.CLOUD: 2 + len(gateways),
        Scope.PUBLIC: 2 + len(gateways) + (floating or len(gateways)),
    }
    found = endpoints("web", "site", [published(scope)], CLUSTER_IP, gateways)

    assert len(found) == expected[scope]
    assert all(scope.includes(one.scope) for one in found)


@pytest.mark.parametrize(
    ("same_pod", "same_cluster", "address"),
    [(True, True, "127.0.0.1"), (False, True, CLUSTER_IP), (False, False, "10.0.0.9")],
)
def test_the_nearest_endpoint_depends_on_what_caller_and_target_share(
    same_pod: bool, same_cluster: bool, address: str
) -> None:
    found = endpoints("web", "site", [published(Scope.PUBLIC)], CLUSTER_IP, [FIXED, FLOATING])
    near = nearest(found, closest_scope(same_pod=same_pod, same_cluster=same_cluster), 80)

    assert near is not None
    assert near.address == address


def test_what_is_not_visible_from_outside_has_no_endpoint_there() -> None:
    found = endpoints("web", "site", [published(Scope.INTERNAL)], CLUSTER_IP, [FLOATING])

    assert nearest(found, Scope.CLOUD, 80) is None
    assert nearest(found, Scope.HOST, 81) is None
    assert nearest(found, Scope.HOST, 80, Protocol.UDP) is None


@given(gateway_lists, st.randoms(use_true_random=False), st.sampled_from(Scope))
def test_the_nearest_endpoint_is_the_same_in_whatever_order_they_come(
    gateways: list[GatewayAddress], random: st.DataObject, closest: Scope
) -> None:
    found = endpoints("web", "site", [published(Scope.PUBLIC)], CLUSTER_IP, gateways)
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert nearest(shuffled, closest, 80) == nearest(found, closest, 80)
