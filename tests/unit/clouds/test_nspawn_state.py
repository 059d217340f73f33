"""Addresses are counted up from .11, stay with their machine, and never meet."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from core.clouds.nspawn import state
from core.clouds.nspawn.state import State
from core.engine.errors import Refusal

LAB = State("lab", "10.77.0.0/24", "gnd-abc")


def test_the_first_free_address_is_eleven() -> None:
    assert state.address_for("kube-1", None, LAB) == "10.77.0.11"


def test_a_gap_is_filled_before_the_end_is_lengthened() -> None:
    known = replace(LAB, addresses={"kube-1": "10.77.0.11", "kube-3": "10.77.0.13"})
    assert state.address_for("kube-9", None, known) == "10.77.0.12"


def test_a_machine_keeps_the_address_it_has() -> None:
    known = replace(LAB, addresses={"kube-1": "10.77.0.42"})
    assert state.address_for("kube-1", None, known) == "10.77.0.42"


def test_a_wish_goes_before_what_is_remembered() -> None:
    known = replace(LAB, addresses={"kube-1": "10.77.0.42"})
    assert state.address_for("kube-1", "10.77.0.43", known) == "10.77.0.43"


@pytest.mark.parametrize("address", ["10.77.0.0", "10.77.0.1", "10.77.0.255", "10.78.0.11", "10.77.0.11"])
def test_an_address_that_is_reserved_foreign_or_taken_is_refused(address: str) -> None:
    known = replace(LAB, addresses={"kube-1": "10.77.0.11"})
    with pytest.raises(Refusal, match="cannot be the address of machine kube-2"):
        state.address_for("kube-2", address, known)


def test_a_full_subnet_says_so() -> None:
    small = replace(LAB, subnet="10.77.0.0/29", addresses={f"m{n}": f"10.77.0.{n}" for n in range(2, 7)})
    with pytest.raises(Refusal, match=r"no address of 10\.77\.0\.0/29 is free"):
        state.address_for("kube-1", None, small)


def test_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    known = replace(LAB, addresses={"kube-1": "10.77.0.11"})
    state.write(tmp_path / "lab", known)
    assert state.read(tmp_path / "lab") == known
    assert state.read(tmp_path / "none") is None


def test_other_environments_of_the_home_are_known_by_their_subnets(tmp_path: Path) -> None:
    state.write(tmp_path / "lab", LAB)
    state.write(tmp_path / "prod", replace(LAB, environment="prod", subnet="10.78.0.0/24"))
    assert state.others(tmp_path / "lab") == {"prod": IPv4Network("10.78.0.0/24")}
