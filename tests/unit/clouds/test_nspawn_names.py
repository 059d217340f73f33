"""Names fit what they name, and belong to one environment only."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clouds.nspawn.names import Names, checked
from core.engine.errors import Refusal

HOME = Path("/srv/home")


@given(environment=st.text(min_size=1, max_size=80), machine=st.text(min_size=1, max_size=80))
def test_names_of_interfaces_and_chains_are_short_enough_for_the_kernel(environment: str, machine: str) -> None:
    names = Names(HOME, environment)
    assert len(names.bridge) <= 15
    assert len(names.veth(machine)) <= 15
    assert len(names.chain) <= 28
    assert len(names.machine_id(machine)) <= 64


def test_environments_of_the_same_name_in_two_homes_share_nothing() -> None:
    mine, theirs = Names(HOME, "lab"), Names(Path("/srv/other"), "lab")
    assert mine.bridge != theirs.bridge
    assert mine.chain != theirs.chain
    assert mine.cgroup != theirs.cgroup
    assert mine.veth("kube-1") != theirs.veth("kube-1")


def test_a_hardware_address_is_local_unicast_and_stays_the_same() -> None:
    address = Names(HOME, "lab").hardware_address("kube-1")
    assert int(address.split(":")[0], 16) & 0b11 == 0b10
    assert address == Names(HOME, "lab").hardware_address("kube-1")
    assert address != Names(HOME, "lab").hardware_address("kube-2")


@pytest.mark.parametrize("name", ["", "..", "a/b", "Kube", "-a", "a-", "a" * 64, "a.b", "a\n"])
def test_a_name_that_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(Refusal, match="cannot be a host name"):
        checked(name, "the machine")


@pytest.mark.parametrize("name", ["a", "kube-1", "0", "a" * 63])
def test_a_host_name_is_taken_as_it_is(name: str) -> None:
    assert checked(name, "the machine") == name
