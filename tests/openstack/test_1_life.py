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


def test_everything_carries_the_mark_and_machines_know_who_they_are(project: Project) -> None:
    project.deployed()
    identity = project.store.environments.require("lab").id.replace("-", "")[:12]
    tag = f"gondolier-id={identity}"
    network = project.user.network
    mine = [
        one for kind in ("networks", "subnets", "routers", "security_groups", "ips") for one in getattr(network, kind)()
    ]
    marked = [one for one in mine if (one.name or "").startswith("lab-") or "floating_ip_address" in one]
    ours = [one for one in marked if "gondolier" in (one.description or "")]
    assert len(ours) >= 8
    assert all({"gondolier", tag} <= set(one.tags) for one in ours)
    server = project.server("kube-1")
    assert tag in server.tags
    assert server.metadata["gondolier-role"] == "control-plane"
    assert server.has_config_drive
    assert project.port("kube-1").fixed_ips[0]["ip_address"] == project.store.machines.list("lab")[0].address


def test_floating_addresses_follow_the_document(project: Project) -> None:
    project.deployed()
    floating = {record.name for record in project.store.machines.list("lab") if record.floating}
    assert floating == {"kube-1", "gateway-1"}
    changed = environment(cluster={"control_plane": {"floating_ip": False}})
    project.environment = changed
    assert [step.step.phase for step in project.plan()] == ["ground"]

    project.deployed(changed)
    floating = {record.name for record in project.store.machines.list("lab") if record.floating}
    assert floating == {"gateway-1"}
    assert project.plan() == []


def test_rules_follow_what_is_published(project: Project) -> None:
    project.deployed(None, WEB)
    assert "tcp 80-80 0.0.0.0/0" in project.rules("gateway")
    assert not any("80-80" in rule for rule in project.rules("worker") | project.rules("control-plane"))

    project.deployed(None, WEB, DNS)
    assert "udp 5353-5353 10.76.0.0/24" in project.rules("gateway")

    # The scope of port 80 narrows from public to cloud.
    narrower = OpenPort(80, "TCP", False)
    told = project.deployed(None, narrower)
    assert {rule for rule in project.rules("gateway") if " 80-80" in rule or "5353" in rule} == {
        "tcp 80-80 10.76.0.0/24"
    }
    assert "lets in no more tcp 80 from 0.0.0.0/0" in told.text

    project.deployed(None)
    assert not any(" 80-80" in rule for rule in project.rules("gateway"))


def test_nothing_is_open_to_the_world_that_was_not_published(project: Project) -> None:
    project.deployed()
    for role in ("control-plane", "worker", "gateway"):
        assert not any("0.0.0.0/0" in rule for rule in project.rules(role))
    assert "tcp 22-22 203.0.113.0/24" in project.rules("worker")
    assert "tcp 6443-6443 203.0.113.0/24" in project.rules("control-plane")
    assert not any("6443" in rule for rule in project.rules("worker"))


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
