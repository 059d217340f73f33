"""What a Docker host's containers are asked: log, figures, restart, made anew; each test as the one before left it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from core.console import NotFound
from core.deployment.hosts import host_site
from core.engine.errors import Refusal
from tests.simulator.applications.conftest import Applications
from tests.simulator.applications.documents import application, document, host, port
from tests.simulator.lab import PATIENCE, is_ready, opened

DOCUMENT = document(host(application("one", port(80)), application("two", port(8081, "cloud"))))


async def run_of(lab: Applications, name: str) -> tuple[str, str]:
    """A container's id, and when its run began."""
    shown = await lab.container(name)
    return shown["Id"], shown["State"]["StartedAt"]


async def test_the_log_of_all_applications_or_of_one_is_told(lab: Applications) -> None:
    async with aclosing(lab.console.logs("lab", "box", follow=False)) as lines:
        told = [line async for line in lines]
    assert {line.split()[0] for line in told} == {"one", "two"}
    async with aclosing(lab.console.logs("lab", "box/two", follow=False)) as lines:
        assert {line.split()[0] async for line in lines} == {"two"}


async def test_what_they_use_is_told(lab: Applications) -> None:
    found = await lab.console.usage("lab", "box")
    assert [(each.component, each.application) for each in found] == [("box", "one"), ("box", "two")]
    assert all(0 < each.memory < each.memory_limit and each.processes for each in found)
    assert [each.application for each in await lab.console.usage("lab", "box/two")] == ["two"]


async def test_status_has_its_containers(lab: Applications) -> None:
    found = await lab.component("box")
    assert is_ready(found)
    assert {(each.name, each.status, each.ready) for each in found.instances} == {
        ("one", "running", True),
        ("two", "running", True),
    }


async def test_a_restart_keeps_the_container_and_a_follower_hears_of_it(lab: Applications) -> None:
    before = {name: await run_of(lab, name) for name in ("one", "two")}
    async with aclosing(lab.console.logs("lab", "box/one")) as lines, asyncio.timeout(PATIENCE):
        await anext(lines)
        assert (await lab.act("box/one", "restart-containers")).good
        async for line in lines:
            if line == "── one: restarted ──":
                break
        assert (await anext(lines)).startswith("one  ")
    after = {name: await run_of(lab, name) for name in ("one", "two")}
    assert (after["one"][0], after["two"]) == (before["one"][0], before["two"])
    assert after["one"][1] != before["one"][1]


async def test_made_anew_everything_keeps_its_place(lab: Applications) -> None:
    before = {name: (await run_of(lab, name))[0] for name in ("one", "two")}
    places = await lab.places("box")
    outcome = await lab.act("box", "recreate-containers")
    assert outcome.good, outcome.message
    after = {name: (await run_of(lab, name))[0] for name in ("one", "two")}
    assert not set(before.values()) & set(after.values())
    assert await lab.plan() == []
    assert await lab.places("box") == places
    assert (await asyncio.to_thread(opened, await lab.endpoint("box", "public")))[0] == 200


@pytest.mark.parametrize(
    ("place", "action", "error", "sentence"),
    [
        ("box/three", "restart-containers", NotFound, "no application three in box"),
        ("crate", "restart-containers", NotFound, "no component crate"),
        ("box", "scale-pod-up", Refusal, "not something that a DockerStandaloneHost can do"),
        ("box", "recreate-pod", Refusal, "not something that a DockerStandaloneHost can do"),
    ],
)
async def test_what_cannot_be_done_is_said(
    lab: Applications, place: str, action: str, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        await lab.act(place, action)


async def test_a_container_that_is_gone_is_not_restarted_but_deployed(lab: Applications) -> None:
    declared, _, _ = lab.console.wanted("lab")
    async with lab.console.context(declared) as context:
        await context.observe()
        async with host_site(context, context.hosts["box"]).engine() as engine:
            await engine.remove("two", "two")
    outcome = await lab.act("box", "restart-containers")
    assert not outcome.good
    assert "no container of two" in outcome.message
    assert (await lab.deploy()).good
    assert (await lab.act("box", "restart-containers")).good


async def test_a_host_without_applications_has_nothing_to_restart(lab: Applications) -> None:
    assert (await lab.deploy(document(host()))).good
    with pytest.raises(Refusal, match="box has no applications"):
        await lab.act("box", "restart-containers")
