"""What can befall etcd's members, and how the product answers; after each one the right members vote again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.engine.errors import Transient
from core.status import ComponentStatus
from core.store.store import Store
from tests.simulator.home import document
from tests.simulator.lab import deployed, is_ready
from tests.simulator.operated import OperatedLab

VOTERS = ("kube-1", "kube-2", "kube-3")
TEXT = document(workers=2, gateways=1, replicas=1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One control plane and two workers that vote, and a gateway that does not."""
    home = tmp_path_factory.mktemp("etcd")
    with deployed(home, TEXT):
        yield home


@pytest.fixture
async def lab(home: Path) -> AsyncIterator[OperatedLab]:
    """The environment; every test ends with a cluster in which the right members vote."""
    with Store(home) as store:
        lab = OperatedLab(home, store, TEXT)
        yield lab
        await lab.clear()
        await lab.until(_whole)
        await lab.close()


def _whole(alpha: ComponentStatus) -> bool:
    voting = sorted(each.name for each in alpha.etcd.members if not each.learner)
    return is_ready(alpha) and voting == sorted(VOTERS)


async def test_data_of_a_member_that_was_removed_is_set_aside(lab: OperatedLab) -> None:
    await lab.until(_whole)
    await lab.ctl(f"member remove {(await lab.members())['kube-3'].id}")
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert any("belongs to no member; setting it aside" in text for text in lab.report.texts)
    aside = await (await lab.link("kube-3")).run("ls /var/lib/etcd")
    assert "data.removed-" in aside.stdout
    assert await lab.plan() == []


async def test_a_learner_whose_join_was_interrupted_is_started_and_promoted(lab: OperatedLab) -> None:
    await lab.ctl(f"member remove {(await lab.members())['kube-3'].id}")
    link = await lab.link("kube-3")
    await link.run("systemctl stop etcd.service; rm -rf /var/lib/etcd/data")
    await lab.add_learner("kube-3")
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert "etcd: kube-3 votes now" in lab.report.texts


async def test_a_learner_that_shall_not_vote_leaves(lab: OperatedLab) -> None:
    await lab.add_learner("gateway-1")
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert any("the learner" in text and "has left" in text for text in lab.report.texts)


async def test_a_member_that_is_down_is_waited_for(lab: OperatedLab) -> None:
    await lab.inject("etcd-member-down", "kube-2")
    waiting = [change["subject"] for step in await lab.plan() for change in step["changes"]]
    assert "etcd member kube-2" in waiting
    assert not any("kube-3" in subject for subject in waiting)


async def test_without_a_quorum_nothing_is_changed(lab: OperatedLab) -> None:
    before = await lab.members()
    for name in ("kube-2", "kube-3"):
        await lab.inject("etcd-member-down", name)
    status, message = await lab.condition("EtcdHealthy")
    assert status == "Unknown"
    assert "request timed out" in message
    with pytest.raises(Transient, match="request timed out"):
        await lab.ctl(f"member remove {before['kube-3'].id}")
    await lab.clear()
    assert (await lab.members()).keys() == before.keys()


async def test_a_leader_hands_over_before_it_leaves(lab: OperatedLab) -> None:
    known = await lab.members()
    leader = next(member.name for member in known.values() if member.leader)
    if leader != "kube-3":
        await lab.ctl(f"move-leader {known['kube-3'].id}", leader)
    assert (await lab.act("alpha", "scale-workers-down")).good
    assert any("moving leadership from kube-3 to" in text for text in lab.report.texts)
    assert (await lab.act("alpha", "scale-workers-up")).good
