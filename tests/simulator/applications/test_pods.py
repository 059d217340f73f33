"""Applications in pods of a simulated cluster: published, changed, removed, each test on what the one before left."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

import pytest

from core.containers.pod import pod_steps
from core.deployment import build
from core.engine.errors import Refusal
from core.model.document import DocumentError
from tests.simulator.applications.conftest import Applications, first_free
from tests.simulator.applications.documents import CLUSTER, application, document, pod, port, to
from tests.simulator.lab import opened

WEB = pod("web", application("site", port(80)), replicas=2)
TWIN = pod("twin", application("site", port(80), port(22)))
QUIET = pod("quiet", application("inside", port(8080, "internal")))
PAIR = pod(
    "pair",
    application("front", port(8081), env={"BACK": to("back", 9090)}),
    application("back", port(9090, "internal"), image="example.org/back:1"),
)
BARE = pod("bare", application("alone", port(7000, "internal")), replicas=0)
ECHO = pod("echo", application("names", port(5353, "public", "UDP"), port(5353, "internal"), image="example.org/e:1"))

DOCUMENT = document(CLUSTER, WEB, TWIN, QUIET, PAIR, BARE, ECHO)

WEB_PORT = first_free(80)
TWIN_PORT = first_free(80, WEB_PORT)


async def test_nothing_is_left_to_do(lab: Applications) -> None:
    assert await lab.plan() == []


async def test_at_6_two_replicas_are_a_deployment_with_a_service_and_endpoints_of_every_scope(
    lab: Applications,
) -> None:
    deployment = await lab.object("apps/v1", "deployments", "web")
    service = await lab.object("v1", "services", "web-site")
    assert deployment and service
    assert deployment["spec"]["replicas"] == deployment["status"]["readyReplicas"] == 2
    cluster_ip = service["spec"]["clusterIP"]
    gateway = (await lab.machines())["gateway-1"]
    assert await lab.places("web") == [
        ("internal", cluster_ip, WEB_PORT),
        ("cloud", gateway, WEB_PORT),
        ("public", gateway, WEB_PORT),
        ("host", "127.0.0.1", 80),
    ]
    assert (await asyncio.to_thread(opened, await lab.endpoint("web", "public")))[0] == 200


async def test_at_7_no_replicas_are_a_bare_pod_that_is_made_again_but_not_scaled(lab: Applications) -> None:
    assert await lab.object("apps/v1", "deployments", "bare") is None
    assert await lab.object("v1", "pods", "bare")
    before = await lab.uids("bare")
    for action in ("scale-pod-up", "scale-pod-down"):
        with pytest.raises(Refusal, match="bare pod"):
            await lab.act("bare", action)
    assert (await lab.act("bare", "recreate-pod")).good
    assert not before & await lab.uids("bare")


async def test_at_8_applications_of_one_pod_meet_at_its_loopback(lab: Applications) -> None:
    deployment = await lab.object("apps/v1", "deployments", "pair")
    assert deployment
    front = next(each for each in deployment["spec"]["template"]["spec"]["containers"] if each["name"] == "front")
    assert front["env"] == [{"name": "BACK", "value": "127.0.0.1:9090"}]
    assert (await asyncio.to_thread(opened, await lab.endpoint("pair", "public", "front")))[0] == 200
    assert await lab.endpoint("pair", "internal", "back")


async def test_at_9_the_same_port_twice_in_a_pod_is_refused_before_anything_changes(lab: Applications) -> None:
    twice = pod("web", application("site", port(80)), application("other", port(80)), replicas=2)
    with pytest.raises(DocumentError, match="port 80/TCP in pod web, where application site has it already"):
        await lab.console.apply(document(CLUSTER, twice), "lab.yaml")
    assert await lab.plan() == [], "no draft was kept"


async def test_at_10_and_11_a_taken_port_and_22_become_the_next_free_ones(lab: Applications) -> None:
    twin = {each.container_port: each.port for each in await lab.endpoints("twin") if each.scope == "public"}
    assert twin == {80: TWIN_PORT, 22: first_free(1025, WEB_PORT, TWIN_PORT)}
    assert (await asyncio.to_thread(opened, await lab.endpoint("twin", "public")))[0] == 200


async def test_datagrams_are_published_apart_from_tcp(lab: Applications) -> None:
    public = await lab.endpoint("echo", "public")
    assert (public.protocol, public.port) == ("UDP", 5353)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect((public.address, public.port))
        client.send(b"are you there")
        assert b"are you there" in await asyncio.to_thread(client.recv, 512)


async def test_at_19_what_is_not_published_is_reached_from_inside_only(lab: Applications) -> None:
    service = await lab.object("v1", "services", "quiet-inside")
    assert service
    assert service["metadata"]["annotations"]["gondolier.io/publish"] == "none"
    assert [place[0] for place in await lab.places("quiet")] == ["internal", "host"]
    with socket.socket() as client:
        client.settimeout(2)
        assert client.connect_ex(((await lab.machines())["gateway-1"], 8080)) != 0


async def test_at_15_replicas_come_go_and_are_made_anew_and_containers_restart_in_place(lab: Applications) -> None:
    assert (await lab.act("web", "scale-pod-up")).good
    assert (await lab.component("web")).ready_replicas == 3
    assert (await lab.act("web", "scale-pod-down")).good
    before = await lab.uids("web")
    assert len(before) == 2
    assert (await lab.act("web", "restart-containers")).good
    assert await lab.uids("web") == before
    assert {each.restarts for each in (await lab.component("web")).instances} == {1}
    assert (await lab.act("web", "recreate-pod")).good
    assert not before & await lab.uids("web")


async def test_at_12_a_changed_image_or_variable_rolls_and_keeps_service_and_ports(lab: Applications) -> None:
    service, places = await lab.object("v1", "services", "web-site"), await lab.places("web")
    before, others = await lab.uids("web"), await lab.uids("twin")
    changed = application("site", port(80), image="nginx:1.30", env={"COLOUR": "blue"})
    await lab.deployed_as(document(CLUSTER, pod("web", changed, replicas=2), TWIN, QUIET, PAIR, BARE, ECHO))
    assert not before & await lab.uids("web")
    assert await lab.uids("twin") == others, "what did not change is left alone"
    assert await lab.places("web") == places
    assert await lab.object("v1", "services", "web-site") == service


async def test_at_13_and_14_a_service_goes_with_its_application_and_the_last_one_takes_all(lab: Applications) -> None:
    kept = await lab.object("v1", "services", "pair-front")
    alone = pod("pair", application("front", port(8081)))
    await lab.deployed_as(document(CLUSTER, alone, pod("web")))
    assert await lab.object("v1", "services", "pair-front") == kept
    assert await lab.object("v1", "services", "pair-back") is None
    assert {each.application for each in await lab.endpoints("pair")} == {"front"}

    assert await lab.object("v1", "services", "web-site") is None
    assert await lab.object("apps/v1", "deployments", "web") is None
    assert await lab.places("web") == []
    for gone in ("twin", "quiet", "bare", "echo"):
        assert await lab.places(gone) == []
        assert await lab.uids(gone) == set()


async def test_a_pod_whose_image_does_not_exist_says_so_and_the_others_are_deployed(
    lab: Applications, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "pod_steps", partial(pod_steps, patience=2.0))
    pair = pod("pair", application("front", port(8081)))
    absent = pod("absent", application("site", port(8090), image="example.org/no-such-image:1"))
    outcome = await lab.deploy(document(CLUSTER, pair, absent, pod("fine", application("site", port(8091)))))
    assert not outcome.good
    assert "pod absent: 0 of 1 ready after 2 s" in outcome.message
    assert "example.org/no-such-image:1: not found" in outcome.message
    assert "Failed" in outcome.message, "the last events are shown"
    assert await lab.places("fine"), "another pod is deployed all the same"
    assert (await lab.console.status("lab")).status == "deploy failure"
    await lab.deployed_as(document(CLUSTER, pair))


async def test_at_24_of_two_drafts_the_second_is_stale(lab: Applications, monkeypatch: pytest.MonkeyPatch) -> None:
    text = document(CLUSTER, pod("pair", application("front", port(8081)), labels={"tier": "one"}))
    for author in ("ada", "brian"):
        monkeypatch.setenv("LOGNAME", author)
        await lab.console.apply(text.replace('"one"', f'"{author}"'), "lab.yaml")
    assert (await lab.deploy()).good
    monkeypatch.setenv("LOGNAME", "ada")
    with pytest.raises(Refusal, match="the draft was made from version"):
        await lab.deploy()
    deployment = await lab.object("apps/v1", "deployments", "pair")
    assert deployment and deployment["metadata"]["labels"]["tier"] == "brian"
