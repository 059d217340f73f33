"""Live operations on a deployed environment of simulated machines: the ways that lead over SSH, and those beside it."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from core.engine.errors import Refusal
from core.kube.kinds import DEPLOYMENT, NODE
from core.live.api import LiveApi
from core.live.logs import LogQuery, LogRecord
from core.live.objects import ClusterRef, Target
from core.live.operations import Finished
from core.live.tables import TableQuery
from core.store.store import Store
from tests.simulator.home import document
from tests.simulator.lab import Lab, deployed, is_ready, opened

ALPHA = ClusterRef("lab", "alpha")
WEB = Target(ALPHA, DEPLOYMENT, "web", "default")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("lab")
    with deployed(home, document(workers=1, gateways=1, replicas=1)):
        yield home


@pytest.fixture
async def lab(home: Path) -> AsyncIterator[Lab]:
    with Store(home) as store:
        lab = Lab(home, store)
        yield lab
        await lab.console.live.close()


async def test_etcds_members_say_how_they_are(lab: Lab) -> None:
    found = await lab.console.live.etcd(ALPHA)
    assert {member.name for member in found.members} == {"kube-1", "kube-2", "gateway-1"}
    assert sum(member.leader for member in found.members) == 1
    assert all(member.latency is not None and member.db_size > 0 for member in found.members)
    assert (found.quorum, found.tolerates, found.alarms) == (2, 1, ())


async def test_a_gateway_counts_what_goes_through_it(lab: Lab) -> None:
    public = [one for one in await lab.console.endpoints("lab") if one.scope == "public"]
    await asyncio.to_thread(opened, public[0])
    found = await lab.console.live.gateway(ALPHA, "gateway-1")
    assert found.trouble == ""
    assert found.api_connected
    assert [(one.service, one.state) for one in found.publications] == [("default/web-site", "served")]
    (proxy,) = found.proxies
    assert (proxy.service, proxy.bind) == ("default/web-site", f":{public[0].port}")
    assert proxy.sessions_total >= 1
    assert [server.status for server in proxy.servers] == ["UP"]


@pytest.mark.parametrize(
    ("machine", "unit"), [("kube-2", "kubelet"), ("kube-2", "containerd"), ("kube-1", "etcd"), ("gateway-1", "haproxy")]
)
async def test_units_journals_are_read(lab: Lab, machine: str, unit: str) -> None:
    log = lab.console.live.service_logs(ALPHA, machine, unit, tail=5, follow=False)
    found = [record async for batch in log for record in batch]
    assert found
    assert all(record.time > 0 and record.text for record in found)
    assert {record.source.pod for record in found} == {machine}


async def test_ssh_is_told_in_full_and_lets_in(lab: Lab) -> None:
    words = list(await lab.console.live.ssh(ALPHA, "kube-2"))
    done = await asyncio.to_thread(
        subprocess.run, [*words, "hostname"], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.stdout == "kube-2\n", done.stderr


async def _pod(live: LiveApi) -> Target:
    async with live.listing(TableQuery((ALPHA,), "pods", ("default",))) as listing:
        async with asyncio.timeout(10), aclosing(listing.changes()) as changes:  # type: ignore[type-var]
            async for _ in changes:
                if listing.sources[0].synced and listing.rows:
                    break
        return next(iter(listing.rows.values())).target


async def _done(live: LiveApi, action: str, target: Target) -> Finished:
    told = [one async for one in live.perform(action, [target], {})]
    assert isinstance(told[-1], Finished)
    return told[-1]


async def test_containers_are_restarted_on_their_node(lab: Lab) -> None:
    pod = await _pod(lab.console.live)
    finished = await _done(lab.console.live, "restart-instance", pod)
    assert finished.text == f"1 containers of {pod.name} are restarted"
    assert (await _pod(lab.console.live)).uid == pod.uid
    await lab.until(is_ready, "web")


async def test_a_machines_node_is_never_deleted_alone(lab: Lab) -> None:
    node = Target(ALPHA, NODE, "kube-2")
    with pytest.raises(Refusal, match="scale the cluster down"):
        await _done(lab.console.live, "delete", node)


async def test_what_a_container_writes_is_read(lab: Lab) -> None:
    found: list[LogRecord] = []
    query = LogQuery((WEB,), tail=5)
    async with asyncio.timeout(20), aclosing(lab.console.live.logs(query)) as batches:
        async for batch in batches:
            found += batch
            break
    assert found
    assert all(record.source.pod.startswith("web-") for record in found)
