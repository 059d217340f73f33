"""Names of machines, images, scopes and host keys."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from core.model.image import ImageReference
from core.model.naming import collision, expand, machines, potential_machines
from core.model.provider import InventoryMachine
from core.model.scope import Scope
from tests.unit.model.samples import HOST_KEY, example

patterns = st.from_regex(r"[a-b]([0-9#-]{0,3}#|#[0-9]{0,2})", fullmatch=True)


def test_machines_are_named_as_the_original_named_them() -> None:
    names = [(each.name, each.role, each.index) for each in machines(example().clusters()[0])]

    assert names == [
        ("kube-1", "control-plane", 1),
        ("kube-2", "worker", 1),
        ("kube-3", "worker", 2),
        ("gateway-1", "gateway", 1),
    ]


def test_at_its_largest_a_cluster_has_as_many_machines_as_its_maxima_say() -> None:
    names = [each.name for each in potential_machines(example().clusters()[0])]

    assert names == [*(f"kube-{n}" for n in range(1, 7)), "gateway-1", "gateway-2"]


def test_scaling_renames_no_machine() -> None:
    cluster = example().clusters()[0]

    assert set(machines(cluster)) < set(potential_machines(cluster))


def test_every_number_sign_becomes_the_number() -> None:
    assert expand("n#-#", 12) == "n12-12"


@given(patterns, patterns)
def test_patterns_collide_when_any_two_numbers_give_the_same_name(node: str, gateway: str) -> None:
    pairs = itertools.product(range(1, 30), repeat=2)
    meeting = any(expand(node, a) == expand(gateway, b) for a, b in pairs)
    name = collision(node, gateway)

    assert name is not None or not meeting


@pytest.mark.parametrize(
    "reference",
    [
        "nginx",
        "nginx:1.29",
        "library/nginx:latest",
        "registry.example.org/team/site_a--b:1.2-RC.1",
        "localhost:5000/site",
        "10.0.0.1:5000/site:1",
        f"nginx@sha256:{'a' * 64}",
        f"nginx:1.29@sha256:{'0' * 64}",
    ],
)
def test_image_references_are_taken(reference: str) -> None:
    assert TypeAdapter(ImageReference).validate_python(reference) == reference


@pytest.mark.parametrize(
    "reference",
    ["", ":1", "nginx:", "Nginx", "nginx:1 ", "ng inx", "nginx@sha256:12", "a//b", "/a", "a/", "http://a/b", "a:b:c",
     "-a", "nginx:1\n", f"nginx:{'t' * 129}", "n" * 256],
)  # fmt: skip
def test_what_is_no_image_reference_is_refused(reference: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ImageReference).validate_python(reference)


def test_each_scope_includes_itself_and_the_narrower_ones() -> None:
    order = [Scope.HOST, Scope.INTERNAL, Scope.CLOUD, Scope.PUBLIC]

    assert sorted(Scope) == order
    for wide, narrow in itertools.product(order, repeat=2):
        assert wide.includes(narrow) == (order.index(narrow) <= order.index(wide))


@pytest.mark.parametrize(
    "key",
    ["", "ssh-ed25519", "ssh-ed25519 AAAA", f"ssh-rsa {HOST_KEY.split()[1]}", HOST_KEY[:-3] + "!!!", f"x {HOST_KEY}",
     f"{HOST_KEY}\n{HOST_KEY}", "ssh-ed25519 é"],
)  # fmt: skip
def test_what_is_no_public_host_key_is_refused(key: str) -> None:
    with pytest.raises(ValidationError):
        InventoryMachine(address="10.0.0.1", key_file="/key", host_key=key)
