"""Every object's name and mark are derived, told apart from other environments' and read back."""

from __future__ import annotations

import pytest

from core.clouds.openstack.names import Marks, described, grouped, marked
from tests.unit.clouds.openstack_fakes import MARKS


def test_what_is_marked_is_read_back() -> None:
    assert marked(MARKS.tags) == MARKS
    assert described(MARKS.description) == MARKS
    assert grouped(MARKS.group_name("alpha", "control-plane")) == MARKS
    assert grouped("gondolier") is None


@pytest.mark.parametrize("text", [None, "", "gondolier", "somebody's lab 0123456789ab ffffffffffff", "my gondolier"])
def test_what_others_describe_is_no_mark(text: str | None) -> None:
    assert described(text) is None


def test_tags_of_others_are_no_mark() -> None:
    assert marked(["gondolier-id=0123456789ab"]) is None
    assert marked(["gondolier", "web"]) is None


def test_tags_fit_into_nova_for_the_longest_name() -> None:
    tags = Marks("e" * 40, "0123456789ab", "ffffffffffff").tags
    assert max(map(len, tags)) <= 60
    assert not any("," in tag or "/" in tag for tag in tags)


def test_a_ports_name_gives_its_machine_and_no_other_name_does() -> None:
    assert MARKS.machine_of(MARKS.port_name("kube-2")) == "kube-2"
    assert MARKS.machine_of("lab-port-kube-2-999999") is None
    assert MARKS.machine_of("port-kube-2") is None


def test_the_same_environment_of_two_homes_has_two_names() -> None:
    other = Marks("lab", "9" * 12, "e" * 12)
    assert MARKS.server_name("kube-1", 1) != other.server_name("kube-1", 1)
    assert MARKS.description != other.description
