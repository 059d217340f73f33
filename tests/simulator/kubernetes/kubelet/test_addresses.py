"""Pod addresses."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulator.kubernetes.kubelet.addresses import PodNetwork


def test_each_node_has_its_own_block() -> None:
    network = PodNetwork("10.244.0.0/16")
    assert [network.allocate("a"), network.allocate("b"), network.allocate("a")] == [
        "10.244.0.1",
        "10.244.0.65",
        "10.244.0.2",
    ]
    assert network.blocks("b") == ["10.244.0.64/26"]


def test_an_address_is_not_given_again_at_once() -> None:
    network = PodNetwork("10.244.0.0/16")
    first = network.allocate("a")
    network.release(first)
    assert network.allocate("a") != first


def test_the_block_that_the_network_gave_is_used() -> None:
    network = PodNetwork("10.244.0.0/16", block=24, first=2)
    network.give("a", "10.244.7.1/24")
    assert network.allocate("a") == "10.244.7.2"


def test_what_is_claimed_is_taken() -> None:
    network = PodNetwork("10.244.0.0/16")
    network.claim("a", "10.244.3.1")
    assert network.allocate("a") == "10.244.3.2"
    assert network.allocate("b") == "10.244.0.1"


def test_a_full_network_says_so() -> None:
    network = PodNetwork("10.244.0.0/29", block=30, first=1)
    for _ in range(4):
        network.allocate("a")
    with pytest.raises(RuntimeError, match="no free block"):
        network.allocate("a")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=200))
def test_no_two_pods_have_the_same_address(steps: list[tuple[str, bool]]) -> None:
    network, held = PodNetwork("10.244.0.0/20"), set[str]()
    for node, give_back in steps:
        if give_back and held:
            network.release(held.pop())
            continue
        address = network.allocate(node)
        assert address not in held
        assert any(ipaddress.ip_address(address) in ipaddress.ip_network(block) for block in network.blocks(node))
        held.add(address)
