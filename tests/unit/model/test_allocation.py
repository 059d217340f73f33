"""Which port of the gateways a published port gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.allocation import LAST, RESERVED, NoFreePort, PortKey, PortRoom, allocate, published_ports
from core.model.document import parse
from core.model.scope import Protocol
from tests.unit.model.samples import EXAMPLE

TCP, UDP = Protocol.TCP, Protocol.UDP

# A narrow choice of numbers, so that ports meet each other, reserved ones and the first free ones.
numbers = st.one_of(st.integers(1, 65535), st.sampled_from([22, 80, 443, 1025, 1026, 2379, 4789, 6443, 10250, 65535]))
keys = st.builds(PortKey, st.sampled_from("abc"), st.sampled_from("xyz"), numbers, st.sampled_from(Protocol))


def key(port: int, pod: str = "web", protocol: Protocol = TCP) -> PortKey:
    return PortKey(pod, "site", port, protocol)


def test_a_free_port_is_given_as_wanted() -> None:
    assert allocate([key(80)], {}) == {key(80): 80}


def test_a_second_pod_that_wants_the_same_port_gets_the_first_free_one() -> None:
    wanted = [key(80, "a"), key(80, "b"), key(80, "c")]

    assert list(allocate(wanted, {}).values()) == [80, 1025, 1026]


@pytest.mark.parametrize("port", [22, 179, 2379, 2380, 6443, 10250, 10256, 9099])
def test_what_listens_on_a_gateway_is_not_given_away(port: int) -> None:
    assert allocate([key(port)], {}) == {key(port): 1025}


def test_only_what_the_gateways_have_to_give_is_given() -> None:
    wanted = [key(80, "a"), key(2022, "b"), key(8080, "c")]
    held = {key(80, "a"): 80}

    assert list(allocate(wanted, held, PortRoom(1025, frozenset({2022, 1025}))).values()) == [1026, 1027, 8080]


def test_tcp_and_udp_have_ports_of_their_own() -> None:
    assert allocate([key(53), key(53, protocol=UDP)], {}) == {key(53): 53, key(53, protocol=UDP): 53}
    assert allocate([key(4789), key(4789, protocol=UDP)], {}) == {key(4789): 4789, key(4789, protocol=UDP): 1025}


def test_a_port_that_was_given_up_is_free_again() -> None:
    held = {key(80, "gone"): 80}

    assert allocate([key(80, "b")], held) == {key(80, "b"): 80}


def test_an_allocation_stays_when_one_that_wanted_it_first_comes_back() -> None:
    held = {key(80, "b"): 80}

    assert allocate([key(80, "a"), key(80, "b")], held) == {key(80, "b"): 80, key(80, "a"): 1025}


def test_no_port_left_is_said_with_the_pod_that_got_none() -> None:
    wanted = [key(port, "many") for port in range(1, LAST + 1)] + [key(80, "late")]

    with pytest.raises(NoFreePort, match="publish fewer ports"):
        allocate(wanted, {})


def test_host_ports_are_not_published() -> None:
    pod = parse(EXAMPLE.replace("scope: public}", "scope: host}, {port: 81}"))

    assert published_ports(pod, "alpha") == (PortKey("web", "site", 81, TCP),)


@given(st.lists(keys, max_size=30), st.dictionaries(keys, numbers, max_size=30))
def test_every_port_is_given_once_and_none_that_is_reserved(wanted: list[PortKey], held: dict[PortKey, int]) -> None:
    given_ports = allocate(wanted, held)
    pairs = [(port, each.protocol) for each, port in given_ports.items()]

    assert given_ports.keys() == set(wanted)
    assert len(pairs) == len(set(pairs))
    assert all(0 < port <= LAST and port != 22 and port not in RESERVED[protocol] for port, protocol in pairs)


@given(st.lists(keys, max_size=30), st.lists(keys, max_size=30), st.randoms(use_true_random=False))
def test_ports_once_given_stay_whatever_comes_beside_them(
    first: list[PortKey], later: list[PortKey], random: st.DataObject
) -> None:
    before = allocate(first, {})
    wanted = [*first, *later]
    random.shuffle(wanted)  # type: ignore[attr-defined]

    after = allocate(wanted, before)

    assert {each: after[each] for each in first} == before
    assert allocate(wanted, after) == after
