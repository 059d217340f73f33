"""An environment's life on the real services: made, grown, shrunk, its rules changed, taken away."""

from __future__ import annotations

from core.clouds.base import OpenPort
from tests.openstack.documents import environment
from tests.openstack.project import Project

WEB, DNS = OpenPort(80, "TCP", True), OpenPort(5353, "UDP", False)


def test_a_cluster_is_made_grown_shrunk_and_taken_away(project: Project) -> None:
    told = project.deployed(environment(2, 1), WEB)
    names = {one.metadata["gondolier-machine"] for one in project.user.compute.servers()}
    assert names == {"kube-1", "kube-2", "kube-3", "gateway-1"}
    assert "info machine kube-1 is running at 10.76.0." in told.text
    assert project.plan(WEB) == []

    project.deployed(environment(3, 2), WEB)
    assert len(list(project.user.compute.servers())) == 6
    addresses = {record.name: record.address for record in project.store.machines.list("lab")}

    project.deployed(environment(1, 1), WEB)
    names = {one.metadata["gondolier-machine"] for one in project.user.compute.servers()}
    assert names == {"kube-1", "kube-2", "gateway-1"}
    kept = {record.name: record.address for record in project.store.machines.list("lab")}
    assert kept == {name: addresses[name] for name in names}
    assert project.plan(WEB) == []
    project.destroyed()


def test_everything_carries_the_mark_and_machines_know_who_they_are(standing: Project) -> None:
    standing.deployed(environment())
    identity = standing.store.environments.require("lab").id.replace("-", "")[:12]
    tag = f"gondolier-id={identity}"
    network = standing.user.network
    mine = [
        one for kind in ("networks", "subnets", "routers", "security_groups", "ips") for one in getattr(network, kind)()
    ]
    marked = [one for one in mine if (one.name or "").startswith("lab-") or "floating_ip_address" in one]
    ours = [one for one in marked if "gondolier" in (one.description or "")]
    assert len(ours) >= 8
    assert all({"gondolier", tag} <= set(one.tags) for one in ours)
    server = standing.server("kube-1")
    assert tag in server.tags
    assert server.metadata["gondolier-role"] == "control-plane"
    assert server.has_config_drive
    assert standing.port("kube-1").fixed_ips[0]["ip_address"] == standing.store.machines.list("lab")[0].address


def test_floating_addresses_follow_the_document(standing: Project) -> None:
    standing.deployed(environment())
    floating = {record.name for record in standing.store.machines.list("lab") if record.floating}
    assert floating == {"kube-1", "gateway-1"}
    changed = environment(cluster={"control_plane": {"floating_ip": False}})
    standing.environment = changed
    assert [step.step.phase for step in standing.plan()] == ["ground"]

    standing.deployed(changed)
    floating = {record.name for record in standing.store.machines.list("lab") if record.floating}
    assert floating == {"gateway-1"}
    assert standing.plan() == []


def test_rules_follow_what_is_published(standing: Project) -> None:
    standing.deployed(environment(), WEB)
    assert "tcp 80-80 0.0.0.0/0" in standing.rules("gateway")
    assert not any("80-80" in rule for rule in standing.rules("worker") | standing.rules("control-plane"))

    standing.deployed(None, WEB, DNS)
    assert "udp 5353-5353 10.76.0.0/24" in standing.rules("gateway")

    # The scope of port 80 narrows from public to cloud.
    narrower = OpenPort(80, "TCP", False)
    told = standing.deployed(None, narrower)
    assert {rule for rule in standing.rules("gateway") if " 80-80" in rule or "5353" in rule} == {
        "tcp 80-80 10.76.0.0/24"
    }
    assert "lets in no more tcp 80 from 0.0.0.0/0" in told.text

    standing.deployed(None)
    assert not any(" 80-80" in rule for rule in standing.rules("gateway"))


def test_nothing_is_open_to_the_world_that_was_not_published(standing: Project) -> None:
    standing.deployed(environment())
    for role in ("control-plane", "worker", "gateway"):
        assert not any("0.0.0.0/0" in rule for rule in standing.rules(role))
    assert "tcp 22-22 203.0.113.0/24" in standing.rules("worker")
    assert "tcp 6443-6443 203.0.113.0/24" in standing.rules("control-plane")
    assert not any("6443" in rule for rule in standing.rules("worker"))


def test_an_existing_network_is_used_and_left_as_it_is(project: Project) -> None:
    before = [one.to_dict() for one in project.user.network.networks(name="private")]
    project.deployed(environment(network="private"))
    assert {one.name for one in project.user.network.networks(is_router_external=False)} == {"private"}
    assert project.port("kube-1").network_id == before[0]["id"]
    assert project.plan() == []
    project.destroyed()
    assert [one.to_dict() for one in project.user.network.networks(name="private")] == before


def test_a_cluster_that_leaves_the_document_leaves_nothing(project: Project) -> None:
    two = environment()
    beta = two.clusters()[0].model_copy(update={"name": "beta", "node_pattern": "beta-#", "gateway_pattern": "gate-#"})
    project.deployed(two.model_copy(update={"components": (*two.components, beta)}))
    assert any(one.name.startswith("lab-beta-") for one in project.user.network.security_groups())
    project.deployed(two)
    assert not any(one.name.startswith("lab-beta-") for one in project.user.network.security_groups())
    assert not any(".beta." in one.name for one in project.user.compute.server_groups())
    assert project.plan() == []
