"""What befalls etcd's members while they come and go, and what the product refuses then."""

from __future__ import annotations

from core.machines.state import File
from tests.simulator.faults.conftest import TEXT
from tests.simulator.operated import OperatedLab


async def test_a_learner_whose_machine_died_leaves_and_its_successor_votes(lab: OperatedLab) -> None:
    await lab.ctl(f"member remove {(await lab.members())['kube-3'].id}")
    await lab.add_learner("kube-3")
    await lab.inject("machine-vanished", "kube-3")
    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert "etcd: kube-3 votes now" in lab.report.texts


async def test_a_learner_that_joined_and_was_not_promoted_is_promoted(lab: OperatedLab) -> None:
    await lab.ctl(f"member remove {(await lab.members())['kube-3'].id}")
    link = await lab.link("kube-3")
    await link.run("systemctl stop etcd.service; rm -rf /var/lib/etcd/data")
    await lab.add_learner("kube-3")
    roster = ",".join([f"{name}={await lab.peer(name)}" for name in ("kube-1", "kube-2", "kube-3")])
    settings = {"CLUSTER": roster, "CLUSTER_STATE": "existing", "CLUSTER_TOKEN": "lab-alpha"}
    text = "".join(f"ETCD_INITIAL_{name}={value}\n" for name, value in settings.items())
    await link.put(File("/etc/etcd/initial.env", text.encode()))
    await link.run("systemctl start etcd.service")
    assert (await lab.members())["kube-3"].learner

    outcome = await lab.deploy()
    assert outcome.good, outcome.message
    assert "etcd: kube-3 votes now" in lab.report.texts
    assert not any("adding kube-3" in text for text in lab.report.texts)


async def test_while_one_of_three_is_down_another_is_not_removed(lab: OperatedLab) -> None:
    await lab.inject("etcd-member-down", "kube-2")
    before = await lab.members()
    arithmetic = "after this change etcd would have 4 voters and need 3 of them, but only 2 are healthy (down: kube-2)"
    outcome = await lab.cancelled("alpha", "scale-workers-down", f"{arithmetic}: repair or replace those first")
    assert arithmetic in outcome.message
    assert (await lab.members()).keys() == before.keys()

    await lab.clear()
    assert (await lab.deploy()).good
    assert (await lab.act("alpha", "scale-workers-up")).good


async def test_without_a_quorum_nobody_leaves(lab: OperatedLab) -> None:
    for name in ("kube-2", "kube-3"):
        await lab.inject("etcd-member-down", name)
    outcome = await lab.act("alpha", "scale-workers-down")
    assert not outcome.good
    assert "kube-3 cannot leave while etcd does not answer" in outcome.message
    assert "enough voters for a quorum" in outcome.message

    await lab.clear()
    assert (await lab.members()).keys() == {"kube-1", "kube-2", "kube-3"}
    await lab.deploy(TEXT)
