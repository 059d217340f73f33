"""What befalls machines and the ways to them in the middle of a run."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.cluster import pki
from core.cluster.certificates import ADMINISTRATORS
from core.cluster.pki import Leaf, Pki
from core.simulator.client import Client
from core.simulator.messages import Seen
from core.store.keys import host_key_file, keys_directory
from tests.simulator.operated import OperatedLab


async def test_connections_that_drop_all_the_time_only_cost_time(lab: OperatedLab) -> None:
    await lab.inject("ssh-drop", "kube-4", count=5)
    outcome = await lab.act("alpha", "scale-workers-up")
    assert outcome.good, outcome.message
    assert await lab.client.ask("faults", list) == [], "a drop did not strike"
    await lab.inject("ssh-drop", count=4)
    outcome = await lab.act("alpha", "scale-workers-down")
    assert outcome.good, outcome.message
    assert await lab.client.ask("faults", list) == [], "a drop did not strike"


async def test_a_lost_answer_to_a_creation_makes_no_twin(lab: OperatedLab, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Client._asked
    created = []

    async def losing(client: Client, request: str, answer: type[Any], given: dict[str, Any]) -> Any:
        found = await asked(client, request, answer, given)
        if request == "create":
            created.append(found.id)
            if len(created) == 1:
                raise ConnectionResetError("the answer is lost")
        return found

    monkeypatch.setattr(Client, "_asked", losing)
    assert (await lab.act("alpha", "scale-workers-up")).good
    assert len(created) == 2
    assert len(set(created)) == 1
    assert (await lab.act("alpha", "scale-workers-down")).good


async def test_a_machine_that_reboots_in_the_middle_is_waited_for(lab: OperatedLab) -> None:
    link = await lab.link("kube-2")
    await link.run("systemctl stop kubelet.service kube-proxy.service")
    deploying = asyncio.ensure_future(lab.deploy())
    await link.run("systemctl reboot", check=False)
    outcome = await deploying
    assert outcome.good, outcome.message


async def test_a_slow_machine_holds_nobody_back(lab: OperatedLab) -> None:
    for name in ("kube-2", "kube-3"):
        await (await lab.link(name)).run("systemctl stop kube-proxy.service")
    await lab.inject("slow-machine", "kube-2", parameters={"latency_ms": 200})
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    done = [text for text in lab.report.texts if ("done in" in text and "kube-2" in text) or "kube-3" in text]
    assert "kube-3" in done[0]
    assert "kube-2" in done[-1]


async def test_an_api_that_is_away_for_a_while_is_waited_for_before_a_node_leaves(lab: OperatedLab) -> None:
    await lab.inject("api-away", "kube-1", duration=1.5)
    outcome = await lab.act("alpha", "scale-workers-down")
    assert outcome.good, outcome.message
    leaving = [text for text in lab.report.texts if text.startswith(("draining kube-3", "machine kube-3 is released"))]
    assert [text.split()[0] for text in leaving] == ["draining", "machine"]
    assert (await lab.act("alpha", "scale-workers-up")).good


async def test_the_next_machine_of_a_name_has_another_host_key(lab: OperatedLab) -> None:
    path = host_key_file(lab.home, "lab", "kube-3")
    before = path.read_bytes()
    assert (await lab.act("alpha", "scale-workers-down")).good
    assert not path.exists()
    assert (await lab.act("alpha", "scale-workers-up")).good
    assert path.read_bytes() != before


async def test_certificates_that_ended_between_runs_are_issued_anew(
    lab: OperatedLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    authorities = _authorities(lab.home)
    with monkeypatch.context() as patched:
        patched.setattr(pki, "LEAF_LIFE", timedelta(seconds=-1))
        Pki(_pki(lab.home)).issue(Leaf("kubelet-kube-2", "ca", "system:node:kube-2", "system:nodes"))
        Pki(_pki(lab.home)).issue(Leaf("admin", "ca", "gondolier-admin", ADMINISTRATORS))
    subjects = [change["subject"] for step in await lab.plan() for change in step["changes"]]
    assert {"certificate kubelet-kube-2", "certificate admin"} <= set(subjects)
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert _authorities(lab.home) == authorities


def _pki(home: Path) -> Path:
    return keys_directory(home, "lab") / "clusters" / "alpha"


def _authorities(home: Path) -> list[bytes]:
    return [Pki(_pki(home)).authority(name) for name in ("ca", "etcd-ca", "front-proxy-ca")]


async def test_a_quota_that_is_used_up_stops_before_anything_is_made(lab: OperatedLab) -> None:
    await lab.inject("quota-exceeded", parameters={"machines": 4})
    before = await lab.client.ask("machines", list[Seen], environment="lab")
    with pytest.raises(Exception, match="the quota allows 4 machines"):
        await lab.act("alpha", "scale-workers-up")
    assert await lab.client.ask("machines", list[Seen], environment="lab") == before
