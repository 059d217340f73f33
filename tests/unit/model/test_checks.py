"""Parts that do not fit together, beyond what the table of bad documents shows."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from core.model.base import dotted
from core.model.checks import contradictions
from core.model.declaration import Declaration
from core.model.environment import Environment
from tests.unit.model.samples import HOST_KEY

CLUSTER: dict[str, Any] = {"kind": "KubernetesCluster", "name": "alpha", "version": "1.36"}


def found_in(*components: dict[str, Any], provider: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """Path and text of every contradiction."""
    data = {"environment": "lab", "provider": provider or {"kind": "simulated"}, "components": components}
    return [(dotted(one.path), one.found) for one in contradictions(Declaration.model_validate(data))]


def machine(address: str, **fields: object) -> dict[str, Any]:
    return {"address": address, "key_file": "/key", "host_key": HOST_KEY, **fields}


def inventory(*machines: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "inventory", "machines": machines}


def test_two_clusters_in_an_environment_may_not_share_machine_names() -> None:
    found = found_in(CLUSTER, CLUSTER | {"name": "beta"})

    assert found == [
        ("components[1].node_pattern", "machine name kube-1, which alpha has already"),
        ("components[1].gateway_pattern", "machine name gateway-1, which alpha has already"),
    ]


def test_two_clusters_with_patterns_of_their_own_may_use_the_same_ranges() -> None:
    own = {"name": "beta", "node_pattern": "beta-#", "gateway_pattern": "beta-gateway-#"}

    assert found_in(CLUSTER, CLUSTER | own) == []


def test_a_docker_host_may_not_be_called_like_a_machine_of_a_cluster() -> None:
    found = found_in(CLUSTER, {"kind": "DockerStandaloneHost", "name": "docker", "hostname": "kube-2"})

    assert found == [("components[1].hostname", "machine name kube-2, which alpha has already")]


def test_a_docker_host_takes_claims_and_the_same_port_twice_but_no_colon_in_a_path() -> None:
    ports = [{"port": 80}]
    applications = [
        {"name": "one", "image": "a", "ports": ports, "volumes": {"/d": {"kind": "claim", "claim": "data"}}},
        {"name": "two", "image": "b", "ports": ports, "volumes": {"/d": {"kind": "host-path", "path": "/srv/a:b"}}},
    ]
    found = found_in({"kind": "DockerStandaloneHost", "name": "docker", "applications": applications})

    assert found == [("components[0].applications[1].volumes./d.path", '"/srv/a:b"')]


def test_an_application_on_a_docker_host_has_a_name_that_docker_takes() -> None:
    found = found_in({"kind": "DockerStandaloneHost", "name": "docker", "applications": [{"name": "a", "image": "a"}]})

    assert found == [("components[0].applications[0].name", '"a"')]


def test_tcp_and_udp_are_not_in_each_others_way() -> None:
    ports = [{"port": 53}, {"port": 53, "protocol": "UDP"}]
    applications = [{"name": "dns", "image": "dns", "ports": ports}]

    assert (
        found_in(CLUSTER, {"kind": "KubernetesPod", "name": "p", "cluster": "alpha", "applications": applications})
        == []
    )


def test_machines_of_an_inventory_are_told_apart() -> None:
    provider = inventory(machine("10.0.0.1", name="a"), machine("10.0.0.1", name="a"), machine("10.0.0.1", port=2222))

    assert found_in(provider=provider) == [
        ("provider.machines[1].name", '"a" again'),
        ("provider.machines[1].address", '"10.0.0.1 port 22" again'),
    ]


def test_a_jump_leads_to_another_machine_of_the_inventory() -> None:
    provider = inventory(
        machine("10.0.0.1", jump="10.0.0.2"), machine("10.0.0.2", jump="10.0.0.1"), machine("h", jump="x")
    )

    assert found_in(provider=provider) == [
        ("provider.machines[0].jump", '"10.0.0.2", a way that leads back to 10.0.0.1'),
        ("provider.machines[1].jump", '"10.0.0.1", a way that leads back to 10.0.0.2'),
        ("provider.machines[2].jump", '"x"'),
    ]


def test_a_pod_range_keeps_clear_of_the_inventorys_addresses() -> None:
    found = found_in(CLUSTER, provider=inventory(machine("192.168.7.1")))

    assert [path for path, _ in found] == ["components[0].pod_cidr"]


def test_a_subnet_has_room_for_every_machine_there_may_be() -> None:
    big = CLUSTER | {"workers": {"count": 1, "max": 300}}

    assert found_in(big, provider={"kind": "nspawn"}) == [
        ("provider.subnet", "10.77.0.0/24, which has room for 253 machines")
    ]


def test_openstack_needs_a_flavor_and_an_image_from_somewhere() -> None:
    provider = {"kind": "openstack", "cloud": "c", "flavor": "m1", "access": ["203.0.113.0/24"]}

    assert [path for path, _ in found_in(CLUSTER, provider=provider)] == ["components[0].instance.image"]
    assert found_in(CLUSTER | {"instance": {"image": "debian"}}, provider=provider) == []


def test_an_environment_that_contradicts_itself_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match=r"at most 1, which is workers\.max"):
        Environment.model_validate(
            {
                "environment": "lab",
                "provider": {"kind": "simulated"},
                "components": [CLUSTER | {"workers": {"count": 2, "max": 1}}],
            }
        )


def _models(model: type[BaseModel]) -> set[type[BaseModel]]:
    return {model}.union(*(_models(child) for child in model.__subclasses__()))


def test_every_field_says_what_it_allows() -> None:
    from core.model.base import Declared
    from core.model.spot import spot

    silent = [
        f"{model.__name__}.{name}"
        for model in _models(Declared)
        for name in model.model_fields
        if not spot(model, {}, (name,)).allowed.strip() or spot(model, {}, (name,)).allowed == "a mapping"
    ]

    assert silent == []
