"""Pods brought about, updated, scaled and removed on a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from core.engine.errors import Refusal, Trouble
from core.model.endpoint import GatewayAddress
from core.model.scope import Scope
from tests.unit.containers.world import CONTROLLERS, DEPLOYMENTS, PODS, SERVICES, World, application, declare, web

_STEPS = ["web/services", "web/workload", "web/ready", "web/endpoints"]


async def test_a_pod_becomes_a_deployment_a_service_and_endpoints(world: World) -> None:
    assert await world.deploy(declare(web())) == [step for step in _STEPS if step != "web/ready"]
    assert world.names(DEPLOYMENTS) == ["web"]
    assert len(world.names(PODS)) == 2
    service = world.api.objects[f"{SERVICES}/web-site"]
    assert service["spec"]["selector"] == {"id": "web"}
    assert service["metadata"]["annotations"]["gondolier.io/publish"] == "80/TCP"
    assert [(one.scope, one.address, one.port) for one in world.book["web"]] == [
        (Scope.INTERNAL, "10.96.0.11", 80),
        (Scope.CLOUD, "10.0.0.4", 80),
        (Scope.PUBLIC, "10.0.0.4", 80),
        (Scope.HOST, "127.0.0.1", 80),
    ]


async def test_a_second_deployment_of_the_same_plans_nothing(world: World) -> None:
    await world.deploy(declare(web()))
    assert await world.plan(declare(web())) == {}
    world.api.requests.clear()
    assert await world.deploy(declare(web())) == []
    assert {method for method, _ in world.api.requests} == {"GET"}


async def test_a_plan_for_a_cluster_that_is_not_there_creates_everything_and_asks_nothing(world: World) -> None:
    world.exists = False
    plan = await world.plan(declare(web()))
    assert list(plan) == _STEPS
    assert [change.action for changes in plan.values() for change in changes] == ["create", "create", "wait", "update"]
    assert world.api.requests == []


@pytest.mark.parametrize(
    "change",
    [
        {"image": "nginx:1.30"},
        {"command": ["-v"]},
        {"env": {"MODE": "other"}},
        {"volumes": {"/data": {"kind": "temporary"}}},
        {"privileged": True},
        {"resources": {"limits": {"memory": "64Mi"}}},
        {"probe": {"kind": "tcp", "port": 80}},
    ],
)
async def test_whatever_changes_rolls_the_pods_and_keeps_service_and_ports(
    world: World, change: dict[str, Any]
) -> None:
    await world.deploy(declare(web(application(env={"MODE": "one"}))))
    service, before = world.api.objects[f"{SERVICES}/web-site"]["metadata"]["uid"], world.uids()
    endpoints = world.book["web"]
    done = await world.deploy(declare(web(application(**({"env": {"MODE": "one"}} | change)))))
    assert "web/workload" in done
    assert "web/services" not in done
    assert not before & world.uids()
    assert world.api.objects[f"{SERVICES}/web-site"]["metadata"]["uid"] == service
    assert world.book["web"] == endpoints


async def test_a_plan_shows_what_differs_but_no_environment_value(world: World) -> None:
    await world.deploy(declare(web(application(env={"PASSWORD": "hunter2"}))))
    plan = await world.plan(declare(web(application(env={"PASSWORD": "s3same"}, image="nginx:1.30"))))
    [change] = plan["web/workload"]
    assert "image nginx:1.29" in change.before
    assert "image nginx:1.30" in change.after
    assert "new value of variable site/PASSWORD" in change.after
    assert "hunter2" not in change.before + change.after
    assert "s3same" not in change.before + change.after


async def test_scaling_touches_only_the_number(world: World) -> None:
    await world.deploy(declare(web()))
    before = world.uids()
    await world.deploy(declare(web(replicas=3)))
    assert before < world.uids()
    assert "Deployment web scaled from 2 to 3" in world.lines
    assert world.api.asked("PATCH", "/deployments/web/scale") != []
    await world.deploy(declare(web(replicas=1)))
    assert len(world.uids()) == 1


async def test_what_someone_removed_comes_back(world: World) -> None:
    await world.deploy(declare(web()))
    world.api.remove(f"{SERVICES}/web-site")
    assert await world.deploy(declare(web())) == ["web/services", "web/endpoints"]


async def test_two_pods_with_the_same_port_get_two_and_keep_them(world: World) -> None:
    both = declare(web(), web(name="shop"))
    await world.deploy(both)
    ports = {
        name: world.api.objects[f"{SERVICES}/{name}"]["spec"]["ports"][0]["port"] for name in world.names(SERVICES)
    }
    assert ports == {"web-site": 80, "shop-site": 1025}
    await world.deploy(declare(web(name="shop")))
    assert await world.plan(declare(web(name="shop"))) == {}
    await world.deploy(declare(web(), web(name="shop")))
    assert world.api.objects[f"{SERVICES}/shop-site"]["spec"]["ports"][0]["port"] == 1025
    assert world.api.objects[f"{SERVICES}/web-site"]["spec"]["ports"][0]["port"] == 80


async def test_a_port_that_another_service_publishes_is_not_given_away(world: World) -> None:
    world.api.put(f"{SERVICES}/theirs", {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}})
    await world.deploy(declare(web()))
    assert world.api.objects[f"{SERVICES}/web-site"]["spec"]["ports"][0]["port"] == 1025


async def test_a_service_that_comes_later_does_not_take_our_port(world: World) -> None:
    await world.deploy(declare(web()))
    world.api.put(f"{SERVICES}/theirs", {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}})
    assert await world.plan(declare(web())) == {}


async def test_a_changed_scope_changes_publication_and_endpoints_only(world: World) -> None:
    await world.deploy(declare(web()))
    inside = application(ports=[{"port": 80, "scope": "internal"}])
    done = await world.deploy(declare(web(inside)))
    assert done == ["web/services", "web/endpoints"]
    assert world.api.objects[f"{SERVICES}/web-site"]["metadata"]["annotations"]["gondolier.io/publish"] == "none"
    assert {one.scope for one in world.book["web"]} == {Scope.INTERNAL, Scope.HOST}


async def test_endpoints_follow_the_gateways(world: World) -> None:
    await world.deploy(declare(web()))
    world.gateways.append(GatewayAddress("10.0.0.5", "192.0.2.5"))
    assert await world.deploy(declare(web())) == ["web/endpoints"]
    assert ("192.0.2.5", Scope.PUBLIC) in {(one.address, one.scope) for one in world.book["web"]}


async def test_an_application_that_left_takes_only_its_own_service_along(world: World) -> None:
    other = application("other", ports=[{"port": 8080, "scope": "internal"}])
    await world.deploy(declare(web(application(), other)))
    assert world.names(SERVICES) == ["web-other", "web-site"]
    await world.deploy(declare(web()))
    assert world.names(SERVICES) == ["web-site"]
    assert {one.application for one in world.book["web"]} == {"site"}


async def test_the_last_application_takes_everything_along(world: World) -> None:
    await world.deploy(declare(web()))
    await world.deploy(declare(web(applications=[])))
    assert (world.names(SERVICES), world.names(DEPLOYMENTS), world.names(PODS)) == ([], [], [])
    assert world.book["web"] == []


async def test_a_pod_that_left_the_document_is_removed_and_strangers_are_not(world: World) -> None:
    await world.deploy(declare(web(), web(name="shop")))
    world.api.put(f"{DEPLOYMENTS}/theirs", {"kind": "Deployment", "spec": {"replicas": 0}})
    assert await world.deploy(declare(web())) == ["alpha/pods/removed"]
    assert (world.names(SERVICES), world.names(DEPLOYMENTS)) == (["web-site"], ["theirs", "web"])
    assert world.book["shop"] == []


async def test_host_ports_have_an_endpoint_and_no_service(world: World) -> None:
    await world.deploy(declare(web(application(ports=[{"port": 80, "scope": "host"}]))))
    assert world.names(SERVICES) == []
    assert [(one.scope, one.address) for one in world.book["web"]] == [(Scope.HOST, "127.0.0.1")]


async def test_a_bare_pod_is_made_anew_when_it_changes(world: World) -> None:
    await world.deploy(declare(web(replicas=0)))
    assert world.names(PODS) == ["web"]
    before = world.uids()
    await world.deploy(declare(web(application(image="nginx:1.30"), replicas=0)))
    assert len(world.uids()) == 1
    assert not before & world.uids()


async def test_a_replication_controllers_pods_are_replaced_one_by_one(world: World) -> None:
    await world.deploy(declare(web(workload="ReplicationController")))
    assert world.names(CONTROLLERS) == ["web"]
    before = world.uids()
    await world.deploy(declare(web(application(image="nginx:1.30"), workload="ReplicationController")))
    assert len(world.uids()) == 2
    assert not before & world.uids()


async def test_another_kind_of_workload_replaces_the_old_one(world: World) -> None:
    await world.deploy(declare(web()))
    await world.deploy(declare(web(workload="ReplicationController")))
    assert (world.names(DEPLOYMENTS), world.names(CONTROLLERS)) == ([], ["web"])


async def test_a_workload_that_is_not_ours_is_left_alone(world: World) -> None:
    world.api.put(f"{DEPLOYMENTS}/web", {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 0}})
    with pytest.raises(Refusal, match="did not make"):
        await world.plan(declare(web()))


async def test_a_pod_that_never_becomes_ready_says_why(world: World) -> None:
    world.healthy = False
    warning = {
        "type": "Warning",
        "reason": "Failed",
        "message": "image nginx:1.29 not found",
        "involvedObject": {"kind": "Deployment", "name": "web"},
    }
    world.api.put("/api/v1/namespaces/default/events/e1", warning)
    with pytest.raises(Trouble) as caught:
        await world.deploy(declare(web()), patience=0.3)
    text = str(caught.value)
    assert "0 of 2 ready" in text
    assert "ImagePullBackOff (site: back-off pulling nginx:1.29)" in text
    assert "Failed: image nginx:1.29 not found" in text
    assert "web" not in world.book


async def test_the_message_has_the_last_log_lines(world: World) -> None:
    world.healthy = False
    world.waiting = {"terminated": {"exitCode": 1, "reason": "Error", "containerID": "containerd://x"}}
    await world.api.write("web", "site", "2026-01-01T00:00:00Z cannot open database")
    with pytest.raises(Trouble, match="web/site: cannot open database"):
        await world.deploy(declare(web(replicas=0)), patience=0.3)


async def test_a_secret_in_a_log_line_is_covered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "open-sesame")
    world.healthy = False
    world.waiting = {"terminated": {"exitCode": 1, "reason": "Error", "containerID": "containerd://x"}}
    await world.api.write("web", "site", "2026-01-01T00:00:00Z open-sesame: not my password")
    secret = application(env={"T": {"kind": "secret", "env": "TOKEN"}})
    with pytest.raises(Trouble, match="web/site: •••: not my password") as caught:
        await world.deploy(declare(web(secret, replicas=0)), patience=0.3)
    assert "open-sesame" not in str(caught.value)
