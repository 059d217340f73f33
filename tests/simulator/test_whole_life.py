"""The demo from its first command to its last, over real sockets; one home for all tests here.

The tests follow each other: each one finds the environment as the one before has left it, ready and as declared.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from core.engine.errors import Refusal
from core.simulator.alone import is_held
from core.store.store import Store
from tests.simulator.home import Home, home_at
from tests.simulator.lab import PATIENCE, Lab, is_ready, opened


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home in which the demo has been deployed by its command."""
    with home_at(tmp_path_factory.mktemp("demo")) as home:
        home.report = home.run("demo", "--headless")
        yield home


@pytest.fixture
async def demo(home: Home) -> AsyncIterator[Lab]:
    """The same home as a second terminal sees it."""
    with Store(home.path) as store:
        yield Lab(home.path, store, "demo")


def test_the_demo_ends_well_and_says_that_it_is_simulated(home: Home) -> None:
    lines = home.report.splitlines()
    assert any("simulated: no real machine stands behind this environment" in line for line in lines)
    assert any(line.startswith("simulated: done:") for line in lines)
    assert not Path(home.environ["GONDOLIER_CACHE"]).exists(), "a download was made"


async def test_a_second_terminal_sees_that_every_condition_holds(demo: Lab) -> None:
    status = await demo.console.status("demo")
    assert (status.status, status.provider, status.simulated) == ("ready", "simulated", True)
    conditions = {each.type for part in status.components for each in part.conditions}
    assert conditions >= {"NodesReady", "EtcdHealthy", "NetworkReady", "DnsReady", "GatewaysServing", "Ready"}
    assert all(is_ready(part) for part in status.components)
    assert [each.simulated for each in await demo.console.environments()] == [True]


async def test_nothing_is_left_to_do(home: Home, demo: Lab) -> None:
    assert await demo.plan() == []
    last = json.loads(home.run("deploy", "demo", "--json").splitlines()[-1])
    assert (last["state"], last["simulated"]) == ("succeeded", True)


async def test_a_published_port_can_be_opened(demo: Lab) -> None:
    public = next(each for each in await demo.console.endpoints("demo") if each.scope == "public")
    status, page = await asyncio.to_thread(opened, public)
    assert (status, b"simulated" in page) == (200, True)


async def test_the_logs_of_every_replica_can_be_read(demo: Lab) -> None:
    replicas = {f"{instance.name}/site" for instance in (await demo.component("web")).instances}
    async with aclosing(demo.console.logs("demo", "web", follow=False)) as lines:
        assert {line.split()[0] async for line in lines} == replicas


@pytest.mark.skipif(not shutil.which("kubectl"), reason="no kubectl (Debian: kubernetes-client)")
async def test_kubectl_works_with_the_kubeconfig(demo: Lab, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(await demo.console.kubeconfig("demo", "alpha"))
    command = ["kubectl", "--kubeconfig", str(file), "get", "nodes", "-o", "name"]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {f"node/{name}" for name in await demo.machines()}


async def test_scaling_up_and_down_changes_what_is_asked_and_no_more(demo: Lab) -> None:
    before = await demo.machines()
    assert (await demo.act("alpha", "scale-workers-up")).good
    more = await demo.machines()
    assert more == before | {"kube-4": more["kube-4"]}
    assert (await demo.act("web", "scale-pod-up")).good
    assert (await demo.component("web")).ready_replicas == 3
    assert (await demo.act("alpha", "scale-workers-down")).good
    assert await demo.machines() == before
    assert (await demo.act("web", "scale-pod-down")).good
    assert await demo.plan() == []


async def test_the_world_goes_on_where_its_daemon_stopped(demo: Lab) -> None:
    before, web = await demo.machines(), await demo.component("web")
    await demo.client.stop()

    assert await demo.plan() == []
    assert await demo.machines() == before
    again = await demo.component("web")
    assert [(each.name, each.node) for each in again.instances] == [(each.name, each.node) for each in web.instances]


async def test_load_comes_and_goes_beside_what_is_deployed(demo: Lab) -> None:
    cluster = {"environment": "demo", "cluster": "alpha"}
    await demo.client.ask("load", int, nodes=5, pods=20, rate=200, **cluster)
    assert await demo.plan() == []
    assert is_ready(await demo.component("alpha"))
    assert await demo.client.ask("unload", int, **cluster) == 5
    assert await demo.client.ask("unload", int, **cluster) == 0
    with pytest.raises(Refusal, match="no cluster beta"):
        await demo.client.ask("load", int, nodes=1, pods=1, rate=0, environment="demo", cluster="beta")


async def test_it_stops_although_its_own_gateways_watch_the_api(home: Home, demo: Lab) -> None:
    await demo.client.ask("adjust", type(None), idle=0.2)
    async with asyncio.timeout(PATIENCE):
        while is_held(home.path):
            await asyncio.sleep(0.05)


async def test_destroying_leaves_nothing(home: Home, demo: Lab) -> None:
    home.run("destroy", "demo", "--yes")
    census = await demo.client.census()
    assert census is not None
    assert (census.machines, census.faults) == ({}, 0)
    assert await demo.console.environments() == []
    assert not list((home.path / "keys").glob("demo*"))
    assert not list(home.path.glob("run/*"))
