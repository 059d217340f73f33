"""Machines, endpoints and values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.store import EndpointRecord, MachineRecord, Store
from core.store.errors import Refusal

KUBE = MachineRecord(
    environment="lab",
    component="alpha",
    name="kube-1",
    role="control-plane",
    index=1,
    address="10.0.0.2",
    host_key="ssh-ed25519 AAAA",
)
SITE = EndpointRecord("web", "site", "10.0.0.9", 80, "public", "public", 80, "TCP")


@pytest.fixture(autouse=True)
def lab(store: Store) -> None:
    store.environments.create("lab")


def test_a_machine_comes_back_as_it_was_kept(store: Store) -> None:
    full = replace(KUBE, generation=3, floating="1.2.3.4", user="debian", port=2222, cloud_id="id", jump="gateway-1")
    store.machines.upsert(full)
    assert store.machines.get("lab", "kube-1") == full
    assert store.machines.get("lab", "kube-9") is None


def test_upserting_replaces_the_machine_of_that_name(store: Store) -> None:
    store.machines.upsert(KUBE)
    store.machines.upsert(replace(KUBE, generation=2, address=None))
    assert store.machines.list("lab") == [replace(KUBE, generation=2, address=None)]


def test_machines_are_listed_by_component_role_and_index(store: Store) -> None:
    names = {name: index for index, name in enumerate(("kube-10", "kube-2", "kube-1"))}
    workers = [replace(KUBE, name=name, role="worker", index=10 - index) for name, index in names.items()]
    for machine in (*workers, replace(KUBE, name="beta-1", component="beta"), KUBE):
        store.machines.upsert(replace(machine, name="kube-0") if machine is KUBE else machine)
    assert [one.name for one in store.machines.list("lab", "alpha")] == ["kube-0", "kube-1", "kube-2", "kube-10"]
    assert store.machines.list("lab")[-1].name == "beta-1"


def test_a_deleted_machine_is_gone_and_deleting_again_is_no_trouble(store: Store) -> None:
    store.machines.upsert(KUBE)
    store.machines.delete("lab", "kube-1")
    store.machines.delete("lab", "kube-1")
    assert store.machines.list("lab") == []


def test_a_machine_of_an_unknown_environment_is_refused(store: Store) -> None:
    with pytest.raises(Refusal, match="no environment called other"):
        store.machines.upsert(replace(KUBE, environment="other"))


def test_a_components_endpoints_are_replaced_and_the_others_stay(store: Store) -> None:
    shop = replace(SITE, component="shop")
    store.endpoints.replace("lab", "web", [SITE, replace(SITE, scope="internal")])
    store.endpoints.replace("lab", "shop", [shop])
    store.endpoints.replace("lab", "web", [replace(SITE, port=8080)])
    assert set(store.endpoints.list("lab")) == {shop, replace(SITE, port=8080)}
    store.endpoints.replace("lab", "shop", [])
    assert store.endpoints.list("lab") == [replace(SITE, port=8080)]


def test_endpoints_of_another_component_are_a_mistake_of_the_caller(store: Store) -> None:
    with pytest.raises(ValueError, match="endpoints of web given for shop"):
        store.endpoints.replace("lab", "shop", [SITE])


def test_a_value_comes_back_as_it_was_kept(store: Store) -> None:
    store.values.set("lab", "alpha", "roster", {"members": ["kube-1"], "up": True, "rest": None})
    store.values.set("lab", "alpha", "size", 1)
    store.values.set("lab", "alpha", "size", 3)
    assert store.values.all("lab", "alpha") == {"roster": {"members": ["kube-1"], "up": True, "rest": None}, "size": 3}
    store.values.delete("lab", "alpha", "size")
    assert store.values.get("lab", "alpha", "size", 0) == 0
    assert store.values.get("lab", "beta", "roster") is None


def test_a_value_that_json_cannot_express_is_not_kept(store: Store) -> None:
    with pytest.raises(TypeError):
        store.values.set("lab", "alpha", "key", {1, 2})
    assert store.values.all("lab", "alpha") == {}
