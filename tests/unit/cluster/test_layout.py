"""Addresses are sticky, unique, and inside the subnet."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from core.cluster.layout import assign_addresses

names = st.lists(st.integers(1, 60).map(lambda n: f"kube-{n}"), unique=True, max_size=40)


def test_the_first_machine_gets_the_eleventh_address() -> None:
    found = assign_addresses(["kube-1", "kube-2"], {}, "10.77.0.0/24")
    assert found == {"kube-1": "10.77.0.11", "kube-2": "10.77.0.12"}


def test_a_gap_is_filled_and_known_addresses_stay() -> None:
    known = {"kube-1": "10.77.0.11", "kube-3": "10.77.0.13"}
    assert assign_addresses(["kube-1", "kube-3", "kube-4"], known, "10.77.0.0/24") == known | {"kube-4": "10.77.0.12"}


@given(names, names)
def test_addresses_are_unique_sticky_and_inside_the_subnet(first: list[str], second: list[str]) -> None:
    known = assign_addresses(first, {}, "10.77.0.0/24")
    both = assign_addresses([*first, *(name for name in second if name not in first)], known, "10.77.0.0/24")
    assert len(set(both.values())) == len(both)
    assert {name: both[name] for name in first} == known
    assert all(ipaddress.ip_address(address) in ipaddress.ip_network("10.77.0.0/24") for address in both.values())
