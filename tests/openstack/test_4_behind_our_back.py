"""What others do to an environment's objects, and what is done to theirs: never anything."""

from __future__ import annotations

import asyncio

import pytest

from core.clouds.base import OpenPort
from core.engine.errors import Refusal
from tests.openstack.documents import environment
from tests.openstack.project import Lines, Project

WEB = OpenPort(80, "TCP", True)


def gone(standing: Project, machine: str) -> None:
    """Delete a machine's server, as somebody in the dashboard would, and wait until it is gone."""
    server = standing.server(machine)
    standing.user.compute.delete_server(server.id)
    standing.user.compute.wait_for_delete(server, wait=60)


def test_a_server_that_was_deleted_comes_back_with_its_addresses(standing: Project) -> None:
    standing.deployed(environment())
    before = {record.name: (record.address, record.floating) for record in standing.store.machines.list("lab")}
    gone(standing, "gateway-1")
    (step,) = standing.plan()
    assert (step.step.id, step.changes[0].action) == ("alpha/gateway-1/create", "create")
    told = standing.deployed()
    assert "making server lab-gateway-1-g1-" in told.text
    after = {record.name: (record.address, record.floating) for record in standing.store.machines.list("lab")}
    assert after == before
    assert standing.plan() == []


def test_a_server_that_was_stopped_is_started(standing: Project) -> None:
    standing.deployed(environment())
    server = standing.server("kube-2")
    standing.user.compute.stop_server(server)
    standing.user.compute.wait_for_server(server, status="SHUTOFF", wait=60)
    told = standing.deployed()
    assert "is SHUTOFF: it is started" in told.text
    assert standing.server("kube-2").status == "ACTIVE"


def test_a_server_that_goes_wrong_later_is_rebooted_for_it_has_data(standing: Project) -> None:
    standing.deployed(environment())
    server = standing.server("kube-2")
    standing.admin.compute.reset_server_state(server.id, "error")
    told = standing.deployed()
    assert "is ERROR: it is rebooted, for it ran once" in told.text
    assert standing.server("kube-2").id == server.id
    assert standing.plan() == []


def test_a_port_that_was_deleted_is_made_again_with_its_address(standing: Project) -> None:
    standing.deployed(environment())
    address = standing.port("kube-2").fixed_ips[0]["ip_address"]
    # A member may not, but an administrator may.
    standing.admin.network.delete_port(standing.port("kube-2").id)
    assert [step.step.id for step in standing.plan()] == ["alpha/kube-2/create"]
    told = standing.deployed()
    assert "has lost its port: it gets lab-port-kube-2-" in told.text
    assert standing.port("kube-2").fixed_ips[0]["ip_address"] == address
    assert standing.plan() == []


def test_a_security_group_that_was_edited_is_put_right_and_the_plan_says_how(standing: Project) -> None:
    standing.deployed(None, WEB)
    group = standing.group("worker")
    network = standing.user.network
    network.create_security_group_rule(
        security_group_id=group.id, direction="ingress", ethertype="IPv4", protocol="tcp", port_range_min=3306,
        port_range_max=3306, remote_ip_prefix="0.0.0.0/0",
    )  # fmt: skip
    ssh = next(rule for rule in group.security_group_rules if rule["remote_ip_prefix"] == "203.0.113.0/24")
    network.delete_security_group_rule(ssh["id"])

    (step,) = standing.plan(WEB)
    assert {f"{one.action} {one.subject} ({one.before}{one.after})" for one in step.changes} == {
        f"create rule tcp 22 from 203.0.113.0/24 of security group {group.name} (gondolier: SSH)",
        f"delete rule tcp 3306 from 0.0.0.0/0 of security group {group.name} (added by hand)",
    }
    told = standing.deployed(None, WEB)
    assert f"warning security group {group.name} lets in no more tcp 3306 from 0.0.0.0/0" in told.text
    assert not any("3306" in rule for rule in standing.rules("worker"))
    assert standing.plan(WEB) == []


def test_a_port_whose_groups_were_taken_away_gets_them_back(standing: Project) -> None:
    standing.deployed(environment())
    port = standing.port("kube-2")
    standing.user.network.update_port(port.id, security_groups=[])
    assert [change.subject for step in standing.plan() for change in step.changes] == ["security groups of kube-2"]
    standing.deployed()
    assert sorted(standing.port("kube-2").security_group_ids) == sorted(port.security_group_ids)


def test_somebody_elses_floating_address_is_neither_used_nor_removed(standing: Project) -> None:
    standing.deployed(environment())
    outside = standing.user.network.find_network("public")
    worker = standing.port("kube-2")
    theirs = standing.user.network.create_ip(floating_network_id=outside.id, port_id=worker.id)
    try:
        assert standing.plan() == []
        wanting = environment(cluster={"workers": {"count": 1, "max": 6, "floating_ip": True}})
        told = standing.deploy(wanting)
        assert told.state == "failed"
        assert (
            f"kube-2: its port has floating address {theirs.floating_ip_address}, "
            "which was not given by this environment – detach it from the port, or set floating_ip to false"
        ) in told.text
        standing.environment = environment()
        standing.destroyed()
        assert standing.user.network.get_ip(theirs.id).port_id is None
    finally:
        standing.user.network.delete_ip(theirs.id)


def test_nothing_of_anybody_else_is_touched(standing: Project) -> None:
    """Objects that look like ours, in the same project and in our own network, stay as they are."""
    standing.deployed(environment())
    network, compute = standing.user.network, standing.user.compute
    ours = next(one for one in network.networks() if one.name.startswith("lab-net-"))
    group = network.create_security_group(name=standing.group("worker").name, description="mine")
    port = network.create_port(name="lab-port-kube-9-000000", network_id=ours.id)
    image, flavor = standing.user.image.find_image("debian-12"), compute.find_flavor("m1.small")
    server = compute.create_server(
        name="lab-kube-9-g1-000000", image_id=image.id, flavor_id=flavor.id, networks=[{"port": port.id}],
        metadata={"gondolier-machine": "kube-9"},
    )  # fmt: skip
    compute.wait_for_server(server, wait=90)
    try:
        assert standing.plan() == []
        told = removal(standing)
        assert "is still in use" in told
        assert compute.get_server(server.id).status == "ACTIVE"
        assert network.get_port(port.id).device_id == server.id
        assert network.get_security_group(group.id).description == "mine"
    finally:
        compute.delete_server(server.id)
        compute.wait_for_delete(server, wait=60)
        network.delete_port(port.id)
        network.delete_security_group(group.id)


def removal(standing: Project) -> str:
    """What removing everything answers while something of somebody else's is in our network."""

    async def removed() -> str:
        from core.deployment.context import EnvironmentContext

        context = EnvironmentContext(standing.store, standing.environment)
        try:
            for name in await context.cloud.machines():
                await context.cloud.delete(name, Lines())
            await context.cloud.remove_all(Lines())
        except Exception as error:
            return str(error)
        finally:
            await context.close()
        return "removed"

    return asyncio.run(removed())


def test_two_servers_that_claim_one_machine_stop_everything(standing: Project) -> None:
    standing.deployed(environment())
    first = standing.server("kube-2")
    compute = standing.user.compute
    inside = standing.user.network.find_network("private")
    twin = compute.create_server(
        name=first.name, image_id=first.image["id"], flavor_id=compute.find_flavor("m1.small").id,
        networks=[{"uuid": inside.id}], metadata=first.metadata, tags=first.tags,
    )  # fmt: skip
    compute.wait_for_server(twin, wait=90)
    try:
        with pytest.raises(Refusal, match=r"2 servers claim to be kube-2: .* – remove all but one"):
            standing.plan()
    finally:
        compute.delete_server(twin.id)
        compute.wait_for_delete(twin, wait=60)
    assert standing.plan() == []


def test_two_homes_with_an_environment_of_one_name_do_not_meet(standing: Project, tmp_path_factory: object) -> None:
    from core.store.store import Store

    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    standing.deployed()
    with Store(tmp_path_factory.mktemp("other")) as store:
        other = Project(standing.bed, store, environment(subnet="10.75.0.0/24"))
        assert any(step.step.phase == "create" for step in other.plan()), "it sees none of the first one's machines"
        other.clean()
    assert len(list(standing.user.compute.servers())) == 3
    assert standing.plan() == []
