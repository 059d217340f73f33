"""Live operations on the deployed lab: into real containers, through real kubelets, HAProxy, etcd and SSH."""

from __future__ import annotations

import asyncio
import os
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest

from core.console import Console
from core.kube.kinds import DEPLOYMENT, NODE
from core.live.api import Listing, LiveApi
from core.live.logs import LogQuery, LogRecord
from core.live.objects import ClusterRef, Target
from core.live.operations import Finished, JournalQuery
from core.live.tables import TableQuery
from core.store.store import Store
from tests.kubernetes.lab import Lab

ALPHA = ClusterRef("lab", "alpha")


@pytest.fixture
async def live(deployed: Lab, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LiveApi]:
    """The console's way to the lab."""
    for name, value in deployed.environment.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    with Store(deployed.home) as store:
        console = Console(store)
        yield console.live
        await console.live.close()


async def _until(listing: Listing, done: Callable[[], bool]) -> None:
    async with asyncio.timeout(120), aclosing(listing.changes()) as changes:  # type: ignore[type-var]
        async for _ in changes:
            if done():
                return


async def _pods(live: LiveApi) -> list[Target]:
    """The pods of the application, all of them ready."""
    async with live.listing(TableQuery((ALPHA,), "pods", ("default",))) as listing:

        def ready() -> bool:
            rows = list(listing.rows.values())
            return bool(rows) and all(listing.shape.health(row) == "good" for row in rows)

        await _until(listing, ready)
        return sorted((row.target for row in listing.rows.values()), key=lambda target: target.name)


def _workload(pod: Target) -> Target:
    return Target(ALPHA, DEPLOYMENT, pod.name.rsplit("-", 2)[0], "default")


async def _perform(live: LiveApi, action: str, target: Target, **arguments: str | int) -> str:
    told = [one async for one in live.perform(action, [target], arguments)]
    last = told[-1]
    assert isinstance(last, Finished)
    assert last.failed == 0, told
    return last.text


async def test_a_command_runs_in_a_terminal(live: LiveApi) -> None:
    pod = (await _pods(live))[0]
    said = b""
    async with asyncio.timeout(60), live.shell(pod) as terminal:
        await terminal.write(b"echo over-$((40+2)); exit 3\n")
        async for piece in terminal.output():
            said += piece
    assert b"over-42" in said, said
    assert terminal.status == 3


async def test_files_go_in_and_out(live: LiveApi, tmp_path: Path) -> None:
    pod = (await _pods(live))[0]
    (tmp_path / "a").write_bytes(os.urandom(200_000))
    await _perform(live, "copy-to", pod, local=str(tmp_path / "a"), remote="/tmp/a")
    await _perform(live, "copy-from", pod, remote="/tmp/a", local=str(tmp_path / "b"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def _opened(url: str) -> int:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return int(answer.status)


async def test_a_port_leads_to_a_workload_and_survives_its_pod(live: LiveApi) -> None:
    old = (await _pods(live))[0]
    made = await live.forward(_workload(old), 80)
    assert await asyncio.to_thread(_opened, made.url) == 200
    assert "is replaced" in await _perform(
        live, "recreate", next(iter([one for one in await _pods(live) if one.name == made.pod]))
    )
    assert await asyncio.to_thread(_opened, made.url) == 200
    assert next(iter(live.forwards())).pod != made.pod


async def test_logs_come_from_every_pod_and_go_on_over_a_restart(live: LiveApi) -> None:
    pods = await _pods(live)
    web = _workload(pods[0])
    made = await live.forward(pods[0], 80)
    found: list[LogRecord] = []
    async with asyncio.timeout(240), aclosing(live.logs(LogQuery((web,), tail=20))) as batches:  # type: ignore[type-var]
        asked = restarted = False
        async for batch in batches:
            found += batch
            if not asked:
                asked = True
                await asyncio.to_thread(_opened, f"{made.url}/?one")
            if not restarted and any("?one" in record.text for record in found):
                restarted = True
                await _perform(live, "restart-instance", pods[0])
                await asyncio.to_thread(_opened, f"{made.url}/?two")
            if any("?two" in record.text for record in found):
                break
    texts = [record.text for record in found]
    assert sum("?one" in text for text in texts) == 1
    kinds = [record.kind for record in found if record.source.pod == pods[0].name]
    assert "restarted" in kinds


@pytest.mark.parametrize(
    ("machine", "unit"),
    [("kube-2", "kubelet"), ("kube-2", "containerd"), ("kube-1", "etcd"), ("gateway-1", "haproxy")],
)
async def test_journals_of_units_are_read_and_followed(live: LiveApi, machine: str, unit: str) -> None:
    log = live.service_logs(ALPHA, machine, unit, tail=5, follow=False)
    found = [record async for batch in log for record in batch]
    assert found
    assert all(record.time > 1_600_000_000 * 10**9 for record in found), found


async def test_the_gateway_tells_what_goes_through_it(live: LiveApi, deployed: Lab) -> None:
    public = next(one for one in deployed.json("endpoints", "lab") if one["scope"] == "public")
    await asyncio.to_thread(_opened, f"http://{public['address']}:{public['port']}/")
    view = await live.gateway(ALPHA, "gateway-1")
    assert view.trouble == ""
    assert view.version.startswith("2.")
    proxy = next(one for one in view.proxies if one.bind == f":{public['port']}")
    assert proxy.sessions_total >= 1
    assert {server.status for server in proxy.servers} == {"UP"}
    assert view.reload_reason
    assert view.reloaded


async def test_etcd_tells_of_its_members(live: LiveApi) -> None:
    view = await live.etcd(ALPHA)
    assert len(view.members) >= 3
    assert sum(member.leader for member in view.members) == 1
    assert all(member.db_size > 0 and member.latency for member in view.members), view
    assert view.alarms == ()


async def test_ssh_lets_in_as_told(live: LiveApi) -> None:
    words = [*await live.ssh(ALPHA, "kube-2"), "hostname"]
    done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == "kube-2\n", done.stderr


async def test_a_node_is_drained_and_open_again(live: LiveApi) -> None:
    node = Target(ALPHA, NODE, "kube-2")
    assert await _perform(live, "drain", node, timeout=120) == "node kube-2 is drained"
    assert await _perform(live, "uncordon", node) == "node kube-2 takes pods again"
    assert await _pods(live)


async def test_everything_was_written_down(live: LiveApi) -> None:
    entries = await live.journal(JournalQuery(environment="lab"))
    actions = {entry.action for entry in entries}
    assert {"shell", "copy-to", "forward", "recreate", "restart-instance", "drain", "ssh"} <= actions
    assert all(entry.result == "succeeded" for entry in entries if entry.action != "deploy"), entries
