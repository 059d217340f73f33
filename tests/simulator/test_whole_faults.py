"""Faults strike where they are aimed, as the product sees it; after each one everything holds again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.engine.errors import Trouble
from core.status import ComponentStatus
from core.store.store import Store
from tests.simulator.home import document
from tests.simulator.lab import Lab, deployed, is_ready, opened


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One control plane, one worker, one gateway; all three vote in etcd."""
    home = tmp_path_factory.mktemp("lab")
    with deployed(home, document(workers=1, gateways=1, replicas=1)):
        yield home


@pytest.fixture
async def lab(home: Path) -> AsyncIterator[Lab]:
    """The environment; every test ends with a world in which all is well again."""
    with Store(home) as store:
        lab = Lab(home, store)
        yield lab
        await lab.clear()
        await lab.until(is_ready)
        await lab.until(is_ready, "web")


async def test_a_refused_connection_is_a_condition_that_names_the_machine(lab: Lab) -> None:
    await lab.inject("connection-refused", "kube-2")
    status, message = await lab.condition("NetworkReady")
    assert status != "True"
    assert "kube-2" in message
    assert (await lab.condition("NodesReady"))[0] == "True"


async def test_a_wrong_host_key_is_a_hard_stop(lab: Lab) -> None:
    await lab.inject("wrong-host-key", "kube-2")
    outcome = await lab.deploy()
    assert not outcome.good
    assert "host key" in outcome.message
    assert "kube-2" in outcome.message


async def test_a_connection_that_drops_in_a_command_is_made_again(lab: Lab) -> None:
    await lab.inject("ssh-drop", count=3)
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert await lab.client.ask("faults", list) == []


async def test_a_full_disk_is_said_by_the_step_that_writes(lab: Lab) -> None:
    await lab.inject("disk-full", "kube-2")
    plan = await lab.plan()
    assert any("kube-2" in step["trouble"] and "free on /" in step["trouble"] for step in plan)


async def test_a_clock_that_is_wrong_is_refused(lab: Lab) -> None:
    await lab.inject("clock-skew", "kube-2", parameters={"seconds": 300})
    plan = await lab.plan()
    assert any("its clock differs by 300 s" in step["trouble"] for step in plan)


async def test_an_etcd_member_that_is_down_is_not_healthy(lab: Lab) -> None:
    await lab.inject("etcd-member-down", "kube-2")
    status, message = await lab.condition("EtcdHealthy")
    assert (status, message) == ("False", "not healthy: kube-2")
    # A quorum is left: the API goes on.
    assert (await lab.condition("NodesReady"))[0] == "True"


async def test_while_the_api_is_away_gateways_serve_on(lab: Lab) -> None:
    endpoint = next(each for each in await lab.console.endpoints("lab") if each.scope == "public")
    await lab.inject("api-away", "kube-1")
    await lab.until(lambda alpha: ("NodesReady", "Unknown") in {(each.type, each.status) for each in alpha.conditions})
    assert (await asyncio.to_thread(opened, endpoint))[0] == 200


async def test_a_slow_machine_only_takes_longer(lab: Lab) -> None:
    await lab.inject("slow-machine", "kube-2", parameters={"latency_ms": 200})
    assert await lab.plan() == []


async def test_a_pod_in_a_crash_loop_is_restarted_in_vain(lab: Lab) -> None:
    def crashing(web: ComponentStatus) -> bool:
        return any(each.restarts > 0 and each.status == "CrashLoopBackOff" for each in web.instances)

    await lab.inject("pod-crash-loop", pod="web")
    await lab.act("web", "restart-containers")
    found = await lab.until(crashing, "web")
    assert not is_ready(found)


async def test_a_machine_that_vanished_is_made_anew(lab: Lab) -> None:
    before = await lab.component("alpha")
    await lab.inject("machine-vanished", "kube-2")
    plan = await lab.plan()
    assert "alpha/kube-2/create" in {step["id"] for step in plan}

    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    after = await lab.component("alpha")
    assert [node.name for node in after.nodes] == [node.name for node in before.nodes]
    assert len(after.etcd.members) == len(before.etcd.members)


async def test_a_machine_in_error_is_made_anew_within_the_run(lab: Lab) -> None:
    await lab.inject("create-error", parameters={"fault": "No valid host was found."})
    outcome = await lab.act("alpha", "scale-workers-up")
    assert outcome.good, outcome.message
    assert any("No valid host was found." in text for text in lab.report.texts)
    assert (await lab.act("alpha", "scale-workers-down")).good


async def test_a_quota_refuses_before_anything_is_begun(lab: Lab) -> None:
    await lab.inject("quota-exceeded", parameters={"machines": 3})
    with pytest.raises(Trouble, match="the quota allows 3 machines"):
        await lab.act("alpha", "scale-workers-up")
