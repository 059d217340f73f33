"""What can befall etcd's members, and how the product answers; after each one the right members vote again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.cluster.etcd import etcdctl, members
from core.cluster.membership import Member
from core.deployment.context import EnvironmentContext
from core.engine.errors import Transient
from core.machines.connection import Connection
from core.model.document import parse
from core.status import ComponentStatus
from core.store.store import Store
from tests.simulator.home import document
from tests.simulator.lab import Lab, deployed, is_ready

VOTERS = ("kube-1", "kube-2", "kube-3")
TEXT = document(workers=2, gateways=1, replicas=1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One control plane and two workers that vote, and a gateway that does not."""
    home = tmp_path_factory.mktemp("etcd")
    with deployed(home, TEXT):
        yield home


class Etcd(Lab):
    """The environment, with an operator's way to its machines."""

    def __init__(self, home: Path, store: Store) -> None:
        super().__init__(home, store)
        self._context = EnvironmentContext(store, parse(TEXT, "lab.yaml"))

    async def link(self, name: str) -> Connection:
        """The connection to a machine."""
        return await self._context.connections.get(name)

    async def ctl(self, command: str, name: str = "kube-1") -> str:
        """Run etcdctl on a machine."""
        return await etcdctl(await self.link(name), command)

    async def members(self) -> dict[str, Member]:
        """The members by name."""
        return {member.name: member for member in await members(await self.link("kube-1"))}

    async def peer(self, name: str) -> str:
        """A machine's peer URL."""
        return f"https://{(await self.machines())[name]}:2380"

    async def close(self) -> None:
        """Close the connections."""
        await self._context.close()


@pytest.fixture
async def lab(home: Path) -> AsyncIterator[Etcd]:
    """The environment; every test ends with a cluster in which the right members vote."""
    with Store(home) as store:
        lab = Etcd(home, store)
        yield lab
        await lab.clear()
        await lab.until(_whole)
        await lab.close()


def _whole(alpha: ComponentStatus) -> bool:
    voting = sorted(each.name for each in alpha.etcd.members if not each.learner)
    return is_ready(alpha) and voting == sorted(VOTERS)


async def test_data_of_a_member_that_was_removed_is_set_aside(lab: Etcd) -> None:
    await lab.until(_whole)
    await lab.ctl(f"member remove {(await lab.members())['kube-3'].id}")
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert any("belongs to no member; setting it aside" in text for text in lab.report.texts)
    aside = await (await lab.link("kube-3")).run("ls /var/lib/etcd")
    assert "data.removed-" in aside.stdout
    assert await lab.plan() == []


async def test_a_learner_whose_join_was_interrupted_is_started_and_promoted(lab: Etcd) -> None:
    await lab.ctl(f"member remove {(await lab.members())['kube-3'].id}")
    link = await lab.link("kube-3")
    await link.run("systemctl stop etcd.service; rm -rf /var/lib/etcd/data")
    await _added(lab, "kube-3")
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert "etcd: kube-3 votes now" in lab.report.texts


async def test_a_learner_that_shall_not_vote_leaves(lab: Etcd) -> None:
    await _added(lab, "gateway-1")
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert any("the learner" in text and "has left" in text for text in lab.report.texts)


async def _added(lab: Etcd, name: str) -> None:
    """A member is added, and nothing more; etcd takes that only after some quiet."""
    await lab.until(lambda alpha: all(member.healthy for member in alpha.etcd.members))
    command = f"member add {name} --learner --peer-urls={await lab.peer(name)}"
    while True:
        try:
            await lab.ctl(command)
            return
        except Transient as refusal:
            assert "unhealthy cluster" in str(refusal)


async def test_a_member_that_is_down_is_waited_for(lab: Etcd) -> None:
    await lab.inject("etcd-member-down", "kube-2")
    waiting = [change["subject"] for step in await lab.plan() for change in step["changes"]]
    assert "etcd member kube-2" in waiting
    assert not any("kube-3" in subject for subject in waiting)


async def test_without_a_quorum_nothing_is_changed(lab: Etcd) -> None:
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


async def test_a_leader_hands_over_before_it_leaves(lab: Etcd) -> None:
    known = await lab.members()
    leader = next(member.name for member in known.values() if member.leader)
    if leader != "kube-3":
        await lab.ctl(f"move-leader {known['kube-3'].id}", leader)
    assert (await lab.act("alpha", "scale-workers-down")).good
    assert any("moving leadership from kube-3 to" in text for text in lab.report.texts)
    assert (await lab.act("alpha", "scale-workers-up")).good
